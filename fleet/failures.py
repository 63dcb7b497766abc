"""Why a machine could not be read, and what was noticed on machines that could: results, never exceptions."""

from dataclasses import dataclass
from enum import StrEnum

_ENDS_OF_SENTENCES = (".", "!", "?", "…", ":")


class FailureKind(StrEnum):
    """What stopped an assessment of one machine."""

    ADDRESS_NOT_FOUND = "address-not-found"
    CONNECTION_REFUSED = "connection-refused"
    CONNECTION_TIMED_OUT = "connection-timed-out"
    NO_BANNER = "no-banner"
    NOT_SSH = "not-ssh"
    HOST_KEY_UNKNOWN = "host-key-unknown"
    HOST_KEY_CHANGED = "host-key-changed"
    NO_COMMON_ALGORITHM = "no-common-algorithm"
    LOGIN_REFUSED = "login-refused"
    LOGIN_TIMED_OUT = "login-timed-out"
    NO_SHELL = "no-shell"
    CONNECTION_LOST = "connection-lost"
    DEADLINE_EXCEEDED = "deadline-exceeded"
    OUTPUT_TOO_LARGE = "output-too-large"
    OUTPUT_UNREADABLE = "output-unreadable"
    NO_PACKAGE_MANAGER = "no-package-manager"
    PACKAGE_MANAGER_FAILED = "package-manager-failed"
    NO_ROOT = "no-root"
    JOB_REFUSED = "job-refused"
    OUT_OF_SCOPE = "out-of-scope"
    CERTIFICATE_UNTRUSTED = "certificate-untrusted"
    CERTIFICATE_CHANGED = "certificate-changed"
    TLS_FAILED = "tls-failed"
    NOT_WINRM = "not-winrm"
    ENCRYPTION_REQUIRED = "encryption-required"
    CLOCK_SKEWED = "clock-skewed"
    ACCESS_DENIED = "access-denied"
    LANGUAGE_CONSTRAINED = "language-constrained"
    QUOTA_EXCEEDED = "quota-exceeded"
    UNSUPPORTED_SYSTEM = "unsupported-system"
    BAD_CONFIGURATION = "bad-configuration"
    CANCELLED = "cancelled"
    INTERNAL = "internal"

    @property
    def means_unreachable(self) -> bool:
        """Whether nothing could be asked of the machine, as opposed to an answer that could not be had or used."""
        return self in _UNREACHABLE


_UNREACHABLE = frozenset(
    {
        FailureKind.ADDRESS_NOT_FOUND,
        FailureKind.CONNECTION_REFUSED,
        FailureKind.CONNECTION_TIMED_OUT,
        FailureKind.NO_BANNER,
        FailureKind.NOT_SSH,
        FailureKind.HOST_KEY_UNKNOWN,
        FailureKind.HOST_KEY_CHANGED,
        FailureKind.NO_COMMON_ALGORITHM,
        FailureKind.LOGIN_REFUSED,
        FailureKind.LOGIN_TIMED_OUT,
        FailureKind.CONNECTION_LOST,
        FailureKind.BAD_CONFIGURATION,
        FailureKind.CERTIFICATE_UNTRUSTED,
        FailureKind.CERTIFICATE_CHANGED,
        FailureKind.TLS_FAILED,
        FailureKind.NOT_WINRM,
        FailureKind.ENCRYPTION_REQUIRED,
        FailureKind.CLOCK_SKEWED,
    }
)


class Step(StrEnum):
    """What a connection was waiting for when it failed, in the order of time."""

    PREPARE = "prepare"
    JUMP = "jump"
    CONNECT = "connect"
    BANNER = "banner"
    LOGIN = "login"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Failure:
    """What was tried on a machine, what came back after how long, and what to do; each one clean line.

    ``step`` is how far an SSH connection had come, None where it was not one or where that does not matter.
    """

    kind: FailureKind
    tried: str
    came_back: str
    remedy: str
    elapsed_seconds: float | None = None
    step: Step | None = None

    @property
    def evidence(self) -> str:
        """One line: what was tried and what came back."""
        after = f" after {self.elapsed_seconds:.1f} s" if self.elapsed_seconds is not None else ""
        return f"{self.tried}{after}: {self.came_back}"

    def describe(self) -> str:
        """One line: what was tried, what came back, what to do."""
        return _as_sentences(self.evidence, self.remedy)


class Severity(StrEnum):
    """How much a finding matters. ERROR: patching this machine cannot work, or its answer is not whole."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class FindingKind(StrEnum):
    """What was noticed on a machine that answered."""

    PACKAGE_MANAGER_LOCKED = "package-manager-locked"
    PACKAGE_MANAGER_INTERRUPTED = "package-manager-interrupted"
    DEPENDENCIES_BROKEN = "dependencies-broken"
    PACKAGE_BROKEN = "package-broken"
    LISTS_MISSING = "lists-missing"
    LISTS_STALE = "lists-stale"
    SETTINGS_UNREADABLE = "settings-unreadable"
    REPOSITORY_FAILING = "repository-failing"
    SECURITY_REPOSITORY_MISSING = "security-repository-missing"
    REFRESH_FAILED = "refresh-failed"
    CANNOT_BECOME_ROOT = "cannot-become-root"
    DISK_FULL = "disk-full"
    READ_ONLY_FILESYSTEM = "read-only-filesystem"
    CLOCK_SKEW = "clock-skew"
    REBOOT_PENDING = "reboot-pending"
    OTHER_UPDATER = "other-updater"
    LINES_NOT_READ = "lines-not-read"
    NAME_NOT_CLEAN = "name-not-clean"
    SUBSCRIPTION_NEEDED = "subscription-needed"
    IDENTITY_CHANGED = "identity-changed"
    IDENTITY_SHARED = "identity-shared"
    IMMUTABLE_SYSTEM = "immutable-system"
    UPDATE_STAGED = "update-staged"
    CLASSIFICATION_UNKNOWN = "classification-unknown"
    END_OF_LIFE = "end-of-life"
    SERVICES_OUTDATED = "services-outdated"
    ADVISORY_HIDDEN = "advisory-hidden"
    TOOL_MISSING = "tool-missing"
    UPDATE_STACK_FIRST = "update-stack-first"
    FOREIGN_PACKAGES = "foreign-packages"
    NEVER_RETURNED = "never-returned"
    NOT_AS_BEFORE = "not-as-before"
    JOB_INTERRUPTED = "job-interrupted"
    CONFIGURATION_KEPT = "configuration-kept"
    SCRIPT_FAILED = "script-failed"
    JOB_NOTE = "job-note"
    UPDATE_AGENT_BROKEN = "update-agent-broken"
    UPDATE_SOURCE_STALE = "update-source-stale"
    UPDATE_POLICY = "update-policy"
    REBOOT_POLICY = "reboot-policy"
    SEARCH_WARNING = "search-warning"
    UPDATES_SUPERSEDED = "updates-superseded"
    MESSAGES_NOT_AUTHENTICATED = "messages-not-authenticated"
    CERTIFICATE_EXPIRING = "certificate-expiring"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed on a machine, its evidence in ``text`` and what to do in ``remedy``; each one clean line."""

    kind: FindingKind
    severity: Severity
    text: str
    remedy: str = ""

    def describe(self) -> str:
        """One line: what was noticed, what to do."""
        return _as_sentences(self.text, self.remedy)


def _as_sentences(text: str, remedy: str) -> str:
    # What ends with a machine's own words has no full stop.
    text = text.strip()
    if not text or not remedy:
        return text or remedy
    return f"{text}{'' if text.endswith(_ENDS_OF_SENTENCES) else '.'} {remedy}"
