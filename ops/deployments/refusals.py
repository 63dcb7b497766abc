"""What a failed request says of a machine: whether it can have begun anything, and whether asking again may help."""

from fleet.failures import Failure, FailureKind, Step

# Only somebody who changes something there, or here, makes these better.
_HOPELESS = frozenset(
    {
        FailureKind.HOST_KEY_UNKNOWN,
        FailureKind.HOST_KEY_CHANGED,
        FailureKind.NO_COMMON_ALGORITHM,
        FailureKind.LOGIN_REFUSED,
        FailureKind.NO_PACKAGE_MANAGER,
        FailureKind.NO_ROOT,
        FailureKind.UNSUPPORTED_SYSTEM,
        FailureKind.BAD_CONFIGURATION,
        FailureKind.OUT_OF_SCOPE,
        FailureKind.CERTIFICATE_UNTRUSTED,
        FailureKind.CERTIFICATE_CHANGED,
        FailureKind.ENCRYPTION_REQUIRED,
        FailureKind.CLOCK_SKEWED,
        FailureKind.LANGUAGE_CONSTRAINED,
    }
)
_BEFORE_ASKING = frozenset({FailureKind.ADDRESS_NOT_FOUND, FailureKind.CONNECTION_REFUSED, FailureKind.NOT_SSH})


def is_hopeless(failure: Failure) -> bool:
    """Whether asking the same again soon would fail the same way."""
    return failure.kind in _HOPELESS


def has_begun_nothing(failure: Failure) -> bool:
    """Whether the machine surely did nothing of what it was asked: it refused, or was never asked."""
    return is_hopeless(failure) or failure.kind in _BEFORE_ASKING or failure.step not in (None, Step.SESSION)
