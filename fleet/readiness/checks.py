"""The readiness checks, each declared once: command line, app and documentation all come from here."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.errors import UnknownName
from fleet.failures import Severity
from fleet.machines import OSType
from fleet.readiness import managing, standing, windows
from fleet.readiness.reaching import STEPS, Judge, judge_step, not_asked
from fleet.readiness.verdicts import CheckStatus, Reading, Verdict, not_applicable
from fleet.readiness.windows import is_windows


@dataclass(frozen=True, slots=True)
class Check:
    """One question to a machine: a name to type, a title, what it means when it fails, and how it is judged.

    ``system`` is the only one that it is asked of, None: all.
    """

    name: str
    title: str
    meaning: str
    judge: Judge
    system: OSType | None = None


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
    Check(
        "certificate",
        "Certificate trusted",
        "No authority vouches for it and nobody accepted it, it is another one now, or ends in days.",
        judge_step("certificate"),
    ),
    Check(
        "winrm",
        "WinRM answers",
        "What listens there is no WinRM, or refuses how it is spoken with.",
        judge_step("winrm"),
    ),
    Check(
        "protected",
        "Answers protected",
        "WinRM over HTTP: its answers are not authenticated.",
        windows.protected,
        OSType.WINDOWS,
    ),
    Check(
        "login",
        "Login accepted",
        "The user, its keys or its password are refused, or clocks differ.",
        judge_step("login"),
    ),
    Check("shell", "Shell runs", "The login ends without a shell that runs a script.", judge_step("shell")),
    Check(
        "language",
        "Scripts not constrained",
        "AppLocker or App Control keeps PowerShell from running scripts in full.",
        judge_step("language"),
    ),
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
        "rights",
        "Administrator's rights",
        "The login is no administrator's, or its token is filtered: nothing can be installed.",
        windows.rights,
        OSType.WINDOWS,
    ),
    Check(
        "update-agent",
        "Update agent works",
        "Windows Update or a service that it needs is broken or disabled.",
        windows.agent,
        OSType.WINDOWS,
    ),
    Check(
        "update-source",
        "Update source speaks",
        "Its WSUS or Windows Update was not heard of, or too long ago: updates may go unseen.",
        windows.source,
        OSType.WINDOWS,
    ),
    Check(
        "update-policy",
        "Policies allow patching",
        "A policy forbids updates, or reboots the machine by itself.",
        windows.policies,
        OSType.WINDOWS,
    ),
    Check(
        "tasks",
        "Tasks of SYSTEM run",
        "The task scheduler or a policy refuses the task that searches and installs.",
        windows.tasks,
        OSType.WINDOWS,
    ),
    Check(
        "lock", "Not locked", "Another process holds the package manager: patching would wait or fail.", managing.free
    ),
    Check(
        "packages",
        "Nothing half done",
        "An installation was interrupted, or packages are broken.",
        managing.whole,
        OSType.LINUX,
    ),
    Check(
        "repositories",
        "Repositories speak",
        "A configured repository has no lists or cannot be fetched, so updates may go unseen.",
        managing.repositories,
        OSType.LINUX,
    ),
    Check("lists", "Package lists fresh", "The lists are too old to be believed.", managing.lists_fresh, OSType.LINUX),
    Check(
        "security-repository",
        "Security repository speaks",
        "None is configured or none speaks: security updates would go unseen.",
        managing.security,
        OSType.LINUX,
    ),
    Check(
        "classification",
        "Updates classified",
        "Nothing tells security updates from others, so none can be counted.",
        managing.classification,
        OSType.LINUX,
    ),
    Check("root", "Root can be gained", "Package lists cannot be fetched.", managing.root, OSType.LINUX),
    Check("patching", "Patching allowed", "This user cannot install updates there.", managing.patching),
    Check("disk-space", "Space to patch", "What is missing, or the kernel, does not fit.", standing.disk_space),
    Check(
        "writable",
        "File systems writable",
        "What patching writes to is mounted read-only.",
        standing.writable,
        OSType.LINUX,
    ),
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
    why = _other_system(check, reading)
    if check.name not in STEPS and not reading.has_answered:
        return not_asked(reading) if why is None else why
    return why or check.judge(reading)


def _other_system(check: Check, reading: Reading) -> Verdict | None:
    """That ``check`` is asked of another system; None where it is asked of this one."""
    if check.system is None or (check.system is OSType.WINDOWS) is is_windows(reading):
        return None
    return not_applicable(f"It is asked of {check.system.value} alone.")
