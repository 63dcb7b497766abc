"""Keys of object stores in the system's keyring, one a bucket."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from collectors.secrets import Secret
from ops.credentials.keeping import SERVICE, KeyringUnusable


@dataclass(frozen=True, slots=True)
class StoreKey:
    """An access key: its id, and the secret that goes with it."""

    identity: str
    secret: Secret


def find_key(url: str) -> StoreKey | None:
    """The key kept for the bucket of ``url``; None where there is none, or no keyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        text = keyring.get_password(SERVICE, _entry(url))
    except (KeyringError, RuntimeError):
        return None
    identity, separator, secret = (text or "").partition("\n")
    return StoreKey(identity, Secret(secret)) if separator else None


def keep_key(url: str, key: StoreKey) -> None:
    """Keep ``key`` for the bucket of ``url``, in the place of the one kept before.

    Raises:
        KeyringUnusable: there is no keyring, or it refused.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, _entry(url), f"{key.identity}\n{key.secret.reveal()}")
    except (KeyringError, RuntimeError) as error:
        raise _unusable(error) from error


def forget_key(url: str) -> bool:
    """Remove the key kept for the bucket of ``url``; False where there was none.

    Raises:
        KeyringUnusable: there is no keyring, or it refused.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        if keyring.get_password(SERVICE, _entry(url)) is None:
            return False
        keyring.delete_password(SERVICE, _entry(url))
    except (KeyringError, RuntimeError) as error:
        raise _unusable(error) from error
    return True


def _entry(url: str) -> str:
    return f"store:{urlsplit(url).scheme}://{urlsplit(url).netloc}"


def _unusable(error: Exception) -> KeyringUnusable:
    return KeyringUnusable(
        f"The keyring cannot be used: {type(error).__name__}. Give the key by AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, or in a profile."
    )
