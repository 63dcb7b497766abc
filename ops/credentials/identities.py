"""Identities and recipients of age: what opens encrypted secrets, and what they are encrypted to."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from collectors.secrets import Secret, SecretUnavailable
from collectors.whole_files import read_whole
from fleet.errors import BadInput

# Any: pyrage has no types. Its identities and recipients, of age and of SSH, only go back into it.
Identity = Any
Recipient = Any

IDENTITY_PREFIX = "AGE-SECRET-KEY-"
_SEALED = ("age-encryption.org/v1", "-----BEGIN AGE ENCRYPTED FILE-----")
_MOST_BYTES = 65_536


class Identities:
    """What unlocks; shows nothing of itself."""

    __slots__ = ("_identities",)

    def __init__(self, identities: Sequence[Identity]) -> None:
        self._identities = tuple(identities)

    def __repr__(self) -> str:
        return f"Identities({len(self._identities)})"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("an identity is not written anywhere")

    def decrypt(self, path: Path, sealed: bytes) -> str:
        """What ``sealed``, the content of ``path``, holds.

        Raises:
            SecretUnavailable: these identities do not open it, or it is damaged.
        """
        import pyrage

        try:
            opened: bytes = pyrage.decrypt(sealed, self._identities)
            return opened.decode("utf-8")
        except (pyrage.DecryptError, ValueError) as error:
            raise SecretUnavailable(
                f"{path} cannot be decrypted ({type(error).__name__}): it is damaged, or for another identity."
            ) from None


def new_identity(passphrase: Secret) -> tuple[str, str]:
    """A new identity, encrypted with ``passphrase``, and its recipient."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return seal_identity(Secret(str(identity)), passphrase), str(identity.to_public())


def seal_identity(identity: Secret, passphrase: Secret) -> str:
    """``identity`` encrypted with ``passphrase``, as age's text. Takes a second by intention."""
    import pyrage

    sealed: bytes = pyrage.passphrase.encrypt(f"{identity.reveal()}\n".encode(), passphrase.reveal(), armored=True)
    return sealed.decode()


def open_sealed(path: Path, passphrase: Secret) -> Secret:
    """The text of the identity file ``path``, which a passphrase encrypts. Takes a second by intention.

    Raises:
        SecretUnavailable: the file cannot be read, or the passphrase is another.
    """
    import pyrage

    try:
        sealed = _read(path)
        return Secret(pyrage.passphrase.decrypt(sealed, passphrase.reveal()).decode("utf-8"))
    except (pyrage.DecryptError, ValueError):
        raise SecretUnavailable(f"The passphrase does not open {path}.") from None


def is_sealed(path: Path) -> bool:
    """Whether the identity file ``path`` is encrypted with a passphrase.

    Raises:
        SecretUnavailable: it cannot be read.
    """
    return _read(path).startswith(tuple(mark.encode() for mark in _SEALED))


def read_identity_file(path: Path) -> Secret:
    """The text of an identity file that is not encrypted.

    Raises:
        SecretUnavailable: it cannot be read.
    """
    return Secret(_read(path).decode("utf-8", "replace"))


def parse_identities(text: Secret, place: str) -> Identities:
    """The identities in the text of an identity file of age, or of an SSH private key; ``place`` is for errors.

    Raises:
        SecretUnavailable: there is none that can be read.
    """
    from pyrage import IdentityError, ssh, x25519

    revealed = text.reveal()
    if "PRIVATE KEY-----" in revealed:
        try:
            return Identities([ssh.Identity.from_buffer(revealed.encode())])
        except (IdentityError, ValueError):
            raise SecretUnavailable(
                f"{place} is an SSH key that opens nothing here: it has a passphrase, or is neither ed25519 nor RSA."
            ) from None
    try:
        lines = [line.strip() for line in revealed.splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (IdentityError, ValueError):
        raise SecretUnavailable(f"{place} holds no identity of age that can be read.") from None
    if not found:
        raise SecretUnavailable(f"{place} holds no identity of age.")
    return Identities(found)


def require_pair(path: Path, recipients: Sequence[str]) -> None:
    """Proves that the identity file ``path``, which no passphrase encrypts, opens what is encrypted to ``recipients``.

    Raises:
        SecretUnavailable: it does not, or cannot be read.
        BadInput: a recipient cannot be read, or there is none.
    """
    import pyrage

    identities = parse_identities(read_identity_file(path), str(path))
    sealed: bytes = pyrage.encrypt(b"", read_recipients(recipients))
    try:
        identities.decrypt(path, sealed)
    except SecretUnavailable:
        raise SecretUnavailable(f"{path} does not open what is encrypted to {recipients[0][:100]}.") from None


def recipients_of(text: Secret, place: str, given: Sequence[str]) -> list[str]:
    """The public keys of the identities in an identity file of age; none of an SSH key, whose own must be ``given``.

    Raises:
        SecretUnavailable: there is none that can be read.
        BadInput: it is an SSH key, and no public line is given.
    """
    from pyrage import IdentityError, x25519

    lines = [line.strip() for line in text.reveal().splitlines()]
    if any("PRIVATE KEY-----" in line for line in lines):
        if not given:
            raise BadInput(f"{place} is an SSH key: give its public line with --recipient.")
        return []
    try:
        return [str(x25519.Identity.from_str(line).to_public()) for line in lines if line and not line.startswith("#")]
    except (IdentityError, ValueError):
        raise SecretUnavailable(f"{place} holds no identity of age that can be read.") from None


def read_recipients(texts: Sequence[str]) -> list[Recipient]:
    """Recipients as age writes them, ``age1…``, or public lines of SSH keys; empty ones and comments are skipped.

    Raises:
        BadInput: one cannot be read, or there is none.
    """
    from pyrage import RecipientError, ssh, x25519

    found: list[Recipient] = []
    for text in filter(None, map(str.strip, texts)):
        if text.startswith("#"):
            continue
        try:
            found.append(ssh.Recipient.from_str(text) if text.startswith("ssh-") else x25519.Recipient.from_str(text))
        except (RecipientError, ValueError) as error:
            raise BadInput(
                f"{text[:100]!r} is no recipient of age: write age1… or an SSH public key, ed25519 or RSA."
            ) from error
    if not found:
        raise BadInput("There is no recipient to encrypt secrets to.")
    return found


def _read(path: Path) -> bytes:
    try:
        return read_whole(path, _MOST_BYTES)
    except OSError as error:
        raise SecretUnavailable(f"{path} cannot be read: {error.strerror}.") from error
