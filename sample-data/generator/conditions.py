"""What is wrong with some machines of the sample fleet, and when: outages, findings, held packages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet.answers import Coverage
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.updates import Blocker
from generator.era import NOW, START, fraction
from generator.roster import Member


def _at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a machine cannot be assessed."""

    machine: str
    kind: FailureKind
    since: datetime
    until: datetime = NOW + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """A finding on a machine, and what it means for the answer's coverage; worded as `collectors` does."""

    machine: str
    since: datetime
    until: datetime
    finding: Finding
    coverage: Coverage = Coverage.COMPLETE


@dataclass(frozen=True, slots=True)
class Block:
    """A package that an ordinary upgrade of a machine leaves alone."""

    machine: str
    package: str
    blocker: Blocker
    detail: str


_FOREVER = NOW + timedelta(days=1)

_OUTAGES = (
    Outage("app-04", FailureKind.HOST_KEY_CHANGED, _at(11, 18, 9)),
    Outage("app-dev-02", FailureKind.ADDRESS_NOT_FOUND, _at(11, 9)),
    Outage("ci-03", FailureKind.DEADLINE_EXCEEDED, _at(11, 20)),
    Outage("dns-02", FailureKind.NO_BANNER, _at(11, 19, 22)),
    Outage("edge-muc-02", FailureKind.CONNECTION_REFUSED, _at(11, 19, 18)),
    Outage("edge-vie-01", FailureKind.CONNECTION_TIMED_OUT, _at(11, 12)),
    Outage("edge-vie-01", FailureKind.CONNECTION_TIMED_OUT, _at(9, 26), _at(9, 30)),
    Outage("vpn-01", FailureKind.LOGIN_REFUSED, _at(11, 16)),
    Outage("iis-stg-01", FailureKind.CONNECTION_LOST, _at(11, 20)),
    Outage("wks-muc-01", FailureKind.CONNECTION_TIMED_OUT, _at(11, 14)),
    Outage("web-03", FailureKind.CONNECTION_TIMED_OUT, _at(10, 6), _at(10, 9)),
)

_REFRESH = "Run apt-get update on it, or assess with a refresh."
_NO_SECURITY = Finding(
    FindingKind.SECURITY_REPOSITORY_MISSING,
    Severity.ERROR,
    "No security repository is configured, as far as the repositories' labels and suites say.",
    "Add the distribution's security suite; for a mirror, keep the Label and Suite of the original.",
)
_NO_LISTS = Finding(
    FindingKind.LISTS_MISSING,
    Severity.ERROR,
    "There are no package lists: nothing can be said of what is missing.",
    _REFRESH,
)
_LOCKED = Finding(
    FindingKind.PACKAGE_MANAGER_LOCKED,
    Severity.ERROR,
    "/var/lib/dpkg/lock-frontend: locked by process 48213 (unattended-upgr).",
    "Wait until it has ended; never remove a lock file.",
)
_NO_ROOT = Finding(
    FindingKind.CANNOT_BECOME_ROOT,
    Severity.ERROR,
    "Root cannot be gained: sudo: a password is required",
    "Give the sudo password, or allow apt-get in sudoers with NOPASSWD.",
)
_STALE = Finding(
    FindingKind.LISTS_STALE,
    Severity.WARNING,
    "The list of http://deb.debian.org/debian-security bookworm-security is older than 7 days (2026-11-08).",
    _REFRESH,
)
_SKEWED = Finding(
    FindingKind.CLOCK_SKEW,
    Severity.WARNING,
    "The clock is 94 s ahead.",
    "Set the time, and see that an NTP service runs.",
)
_UNFINISHED = Finding(
    FindingKind.REPOSITORY_FAILING,
    Severity.WARNING,
    "The last refresh left 1 unfinished downloads: download.docker.example_linux_ubuntu_dists_noble_InRelease.",
    "Run apt-get update and see what it says.",
)
FREE_OF_FULL_DISK = 11 * 1024 * 1024
_FULL = tuple(
    Finding(
        FindingKind.DISK_FULL,
        Severity.ERROR,
        f"{path} has {FREE_OF_FULL_DISK:,} bytes free, 20,971,520 are needed.",
        "Free space there, for example with apt-get clean.",
    )
    for path in ("/var", "/var/lib/dpkg", "/var/cache/apt/archives")
)

_NOTICES = (
    Notice("mon-01", _at(11, 2, 6), _FOREVER, _NO_SECURITY, Coverage.SECURITY_UNKNOWN),
    Notice("web-06", _at(11, 19, 6), _FOREVER, _NO_LISTS, Coverage.UNKNOWN),
    *(Notice("log-01", _at(11, 10), _FOREVER, finding) for finding in _FULL),
    Notice("db-03", _at(11, 20), _FOREVER, _LOCKED),
    Notice("dns-01", _at(10, 21), _FOREVER, _NO_ROOT),
    Notice("edge-muc-01", _at(11, 15, 7), _FOREVER, _STALE, Coverage.SECURITY_UNKNOWN),
    Notice("edge-ham-02", _at(9, 1), _FOREVER, _SKEWED),
    Notice("app-dev-01", _at(11, 4), _FOREVER, _UNFINISHED),
)

_BLOCKS = (
    Block("web-04", "nginx", Blocker.HELD, "dpkg holds it: apt-mark hold"),
    Block("web-04", "nginx-common", Blocker.HELD, "dpkg holds it: apt-mark hold"),
    Block("db-02", "postgresql-15", Blocker.HELD, "dpkg holds it: apt-mark hold"),
    Block("git-01", "gitlab-ce", Blocker.HELD, "dpkg holds it: apt-mark hold"),
    Block("mon-01", "grafana", Blocker.KEPT_BACK, "apt-get dist-upgrade keeps it back: its dependencies cannot be met"),
    Block(
        "ci-04",
        "docker-ce",
        Blocker.NEEDS_REMOVALS,
        "only with removals; apt-get dist-upgrade removes docker-buildx-plugin",
    ),
)

# Machines that install security updates on their own.
SELF_UPDATING = {"ci-01": "unattended-upgrades", "ci-02": "unattended-upgrades", "git-01": "unattended-upgrades"}
# Machines that nobody asked to be assessed any more, without disabling them.
_LAST_ASSESSED = {"backup-01": _at(11, 17, 23), "rds-02": _at(11, 15, 23), "print-01": _at(10, 30, 23)}
# The date of package lists that are no longer refreshed.
_LISTS_FROZEN = {"edge-muc-01": _at(11, 8, 6)}
_CLOCK_SKEW_SECONDS = {"edge-ham-02": 94.2}

# Worded as `collectors.transports` does.
_WORDS = {
    FailureKind.HOST_KEY_CHANGED: (
        (
            "THE HOST KEY HAS CHANGED: known is ssh-ed25519 SHA256:SAMPLEoldkeyB2rVwT0uXq3nYcZ1mLpKd8sHfGjA9eRtI, "
            "presented is ssh-ed25519 SHA256:SAMPLEnewkeyQ7tUoP5iLkJhGfDsA1zXcVbNmW2eRyT4."
        ),
        (
            "Somebody may be listening in. Only if the machine was reinstalled: compare the fingerprint, then run: "
            "patchdeck machines accept-key {name}"
        ),
    ),
    FailureKind.ADDRESS_NOT_FOUND: (
        "the name is not known: Name or service not known.",
        "Correct the address, or make the name resolvable.",
    ),
    FailureKind.DEADLINE_EXCEEDED: (
        "not finished within 120 s, 4,096 bytes had come; it was stopped.",
        "Give it more time, or look at what is slow on the machine.",
    ),
    FailureKind.NO_BANNER: (
        "connected, but no SSH banner came within 10 s.",
        "Look at the machine's sshd and what stands between.",
    ),
    FailureKind.CONNECTION_REFUSED: ("the connection was refused.", "Check the port, and that sshd runs there."),
    FailureKind.CONNECTION_TIMED_OUT: (
        "no answer to the TCP connection within 10 s.",
        "Check that the machine is up, its address, and firewalls between.",
    ),
    FailureKind.LOGIN_REFUSED: (
        "the login was refused. Tried: key ssh-ed25519 (agent). The server takes: publickey.",
        "Check the user, and that one of its keys (or its password) is accepted there.",
    ),
    FailureKind.CONNECTION_LOST: (
        "the connection was lost before the script began.",
        "Try again; if it stays, look at the network and the machine.",
    ),
}
_SECONDS = {"edge-ham-02": 94.2}

_WORDS = {
    FailureKind.HOST_KEY_CHANGED: (
        "its host key is not the one that was accepted.",
        "If it was reinstalled: `patchdeck machines accept-key {name}`; if not, somebody may be in between.",
    ),
    FailureKind.ADDRESS_NOT_FOUND: ("the name has no address.", "Check the address, or remove the machine."),
    FailureKind.DEADLINE_EXCEEDED: ("not finished within 120 s.", "Look for a process that hangs on the machine."),
    FailureKind.NO_BANNER: ("connected, but no SSH server spoke.", "Look whether sshd is overloaded."),
    FailureKind.CONNECTION_REFUSED: ("connection refused.", "Start sshd, or correct the port."),
    FailureKind.CONNECTION_TIMED_OUT: ("no answer.", "Is the machine on, and the way to it open?"),
    FailureKind.LOGIN_REFUSED: ("permission denied (publickey).", "Put the key into authorized_keys of the user."),
    FailureKind.CONNECTION_LOST: ("connection lost before the answer was whole.", "Assess it again."),
}
_SECONDS = {FailureKind.CONNECTION_TIMED_OUT: 10.0, FailureKind.NO_BANNER: 10.0, FailureKind.DEADLINE_EXCEEDED: 120.0}


def is_assessed(member: Member, at: datetime) -> bool:
    """Whether anybody tries to assess the machine at ``at``."""
    return member.machine.created_at <= at <= _LAST_ASSESSED.get(member.name, NOW)


def failure_at(member: Member, at: datetime) -> Failure | None:
    """Why the machine cannot be assessed at ``at``; None if it can."""
    kinds = [o.kind for o in _OUTAGES if o.machine == member.name and o.since <= at < o.until]
    if not kinds and _is_away(member, at):
        kinds = [FailureKind.CONNECTION_TIMED_OUT]
    return _describe(member, kinds[0]) if kinds else None


def notices_at(member: Member, at: datetime) -> list[Notice]:
    """What is noticed on the machine at ``at``."""
    return [notice for notice in _NOTICES if notice.machine == member.name and notice.since <= at < notice.until]


def block_of(member: Member, package: str) -> Block | None:
    """Why the machine leaves ``package`` alone; None if it does not."""
    return next((block for block in _BLOCKS if (block.machine, block.package) == (member.name, package)), None)


def lists_at(member: Member, at: datetime) -> datetime:
    """The date that the machine's package lists bear at ``at``: refreshed at six in the morning."""
    refreshed = at.replace(hour=6, minute=0, second=0, microsecond=0)
    fresh = refreshed if refreshed <= at else refreshed - timedelta(days=1)
    return min(fresh, _LISTS_FROZEN.get(member.name, fresh))


def clock_skew_seconds(member: Member) -> float:
    """The machine's clock minus ours."""
    return _CLOCK_SKEW_SECONDS.get(member.name, round(fraction("skew", member.name) * 0.8 - 0.4, 2))


def _is_away(member: Member, at: datetime) -> bool:
    # Machines at the edge and on desks are switched off now and then; not on the last day, which is told above.
    is_fickle = member.role in {"edge", "workstation"} and START < at < NOW - timedelta(days=1)
    return is_fickle and fraction("away", member.name, at.date()) < 0.03


def _describe(member: Member, kind: FailureKind) -> Failure:
    came_back, remedy = _WORDS[kind]
    tried = (
        f"SSH to patchdeck@{member.machine.address}:22"
        if member.is_linux
        else f"WinRM to {member.machine.address}:5986"
    )
    return Failure(kind, tried, came_back, remedy.format(name=member.name), _SECONDS.get(kind, 0.4))
