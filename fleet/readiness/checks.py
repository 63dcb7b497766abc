"""The readiness checks, each declared once: command line, app and documentation all come from here."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.errors import UnknownName
from fleet.failures import Severity
from fleet.readiness import managing, standing
from fleet.readiness.reaching import STEPS, Judge, judge_step, not_asked
from fleet.readiness.verdicts import CheckStatus, Reading, Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """One question to a machine: a name to type, a title, what it means when it fails, and how it is judged."""

    name: str
    title: str
    meaning: str
    judge: Judge


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of ``check``."""

    check: Check
    verdict: Verdict

    @property
    def is_error(self) -> bool:
        """Whether it failed in a way that patching cannot work, or that the answer is not whole."""
        return self.verdict.status is CheckStatus.FAILED and self.verdict.severity is Severity.ERROR

    @property
    def is_warning(self) -> bool:
        """Whether it failed in a way that patching works all the same."""
        return self.verdict.status is CheckStatus.FAILED and self.verdict.severity is not Severity.ERROR


CHECKS = (
    Check(
        "settings", "Enrolment usable", "A key file, a jump host or a setting cannot be used.", judge_step("settings")
    ),
    Check("address", "Address resolves", "The name server does not know the machine's address.", judge_step("address")),
    Check("port", "Port reachable", "Nothing accepts the TCP connection, or a firewall drops it.", judge_step("port")),
    Check("ssh", "SSH answers", "What listens there is no SSH server that can be spoken with.", judge_step("ssh")),
    Check("host-key", "Host key known", "Its key was never accepted, or is another one now.", judge_step("host-key")),
    Check("login", "Login accepted", "The user, its keys or its password are refused.", judge_step("login")),
    Check("shell", "Shell runs", "The login ends without a shell that runs a script.", judge_step("shell")),
    Check(
        "answer", "Answer whole", "The connection was lost, time ran out, or it cannot be read.", judge_step("answer")
    ),
    Check("system", "System recognised", "It is not a system that this version reads.", managing.system),
    Check(
        "package-manager",
        "Package manager answers",
        "None was found, or it failed or said what could not be read.",
        managing.package_manager,
    ),
    Check(
        "lock", "Not locked", "Another process holds the package manager: patching would wait or fail.", managing.free
    ),
    Check("packages", "Nothing half done", "An installation was interrupted, or packages are broken.", managing.whole),
    Check(
        "repositories",
        "Repositories speak",
        "A configured repository has no lists or cannot be fetched, so updates may go unseen.",
        managing.repositories,
    ),
    Check("lists", "Package lists fresh", "The lists are too old to be believed.", managing.lists_fresh),
    Check(
        "security-repository",
        "Security repository speaks",
        "None is configured or none speaks: security updates would go unseen.",
        managing.security,
    ),
    Check(
        "classification",
        "Updates classified",
        "Nothing tells security updates from others, so none can be counted.",
        managing.classification,
    ),
    Check("root", "Root can be gained", "Package lists cannot be fetched.", managing.root),
    Check("patching", "Patching allowed", "This user cannot install updates there.", managing.patching),
    Check(
        "disk-space", "Space on /, /boot, /var", "What is missing, or the kernel, does not fit.", standing.disk_space
    ),
    Check("writable", "File systems writable", "What patching writes to is mounted read-only.", standing.writable),
    Check("clock", "Clock right", "Repositories look expired, windows begin at the wrong time.", standing.clock),
    Check("reboot", "No reboot pending", "What was installed is not in force yet.", standing.no_reboot),
    Check("updaters", "No other updater", "Something else installs updates at any time.", standing.sole_updater),
    Check("end-of-life", "System supported", "Security updates come no more, or not to everybody.", standing.supported),
    Check("identity", "Identity its own", "It is a clone, or not the machine that it was.", standing.identity),
    Check("lines", "All of it understood", "Some of what it said was not read.", standing.lines_read),
)


def judge_all(reading: Reading, checks: Sequence[Check] = CHECKS) -> tuple[CheckResult, ...]:
    """The result of each of ``checks`` on the machine of ``reading``, in their order."""
    return tuple(CheckResult(check, _judge(check, reading)) for check in checks)


def find_checks(names: Sequence[str]) -> tuple[Check, ...]:
    """The checks with those names, in the order of `CHECKS`; all for none.

    Raises:
        UnknownName: a name that no check has.
    """
    known = [check.name for check in CHECKS]
    for name in names:
        if name not in known:
            raise UnknownName("check", name, known)
    return tuple(check for check in CHECKS if not names or check.name in names)


def _judge(check: Check, reading: Reading) -> Verdict:
    if check.name not in STEPS and not reading.has_answered:
        return not_asked(reading)
    return check.judge(reading)
