"""Secrets in encrypted files, where there is no keyring: one file of age a secret, in a folder for its owner alone.

What is written is encrypted to the recipients that the folder names, so that writing needs no unlocking. Reading needs
an identity: the owner's own, or the one that lies in the folder behind a passphrase. Format: age-encryption.org/v1.
"""

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.known_hosts_file import only_writer
from collectors.secrets import Secret, SecretUnavailable
from collectors.whole_files import read_whole, write_whole
from fleet.errors import BadInput, HomeUnusable, NotPermitted
from ops.home import Home
from ops.roles import user_name

if TYPE_CHECKING:
    from ops.credentials.identities import Identities

_ENTRY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,200}")
_RECIPIENTS = "recipients"
_IDENTITY = "identity.age"
_MOST_BYTES = 65_536


class SecretsClosed(SecretUnavailable, NotPermitted):
    """The home is another's: whether it keeps a secret, and which, is for that user alone."""


class Vault:
    """The encrypted secrets of one home. Whoever is not its owner gets `SecretsClosed` of every question."""

    def __init__(self, home: Home) -> None:
        self.folder = home.secrets_dir

    @property
    def identity_file(self) -> Path:
        """The vault's own identity, encrypted with a passphrase; missing where its owner has another."""
        return self.folder / _IDENTITY

    @property
    def is_made(self) -> bool:
        """Whether secrets can be put in."""
        return self._is_there(self.folder / _RECIPIENTS)

    @property
    def has_passphrase(self) -> bool:
        """Whether a passphrase unlocks it."""
        return self._is_there(self.identity_file)

    def make(self, recipients: Sequence[str], identity: str | None = None) -> None:
        """Makes the vault for ``recipients`` (public keys of age or SSH); ``identity`` is its own, encrypted already.

        Raises:
            BadInput: it is there already, has lost its recipients, or a recipient cannot be read.
            SecretUnavailable: the folder is not safe.
            HomeUnusable: it cannot be written.
        """
        from ops.credentials.identities import read_recipients

        read_recipients(recipients)
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self.check_folder()
            # Of two at once, the identity of one with the recipients of the other would lose every secret.
            with only_writer(self.folder):
                self._require_new()
                if identity is not None:
                    write_whole(self.identity_file, identity)
                write_whole(self.folder / _RECIPIENTS, "".join(f"{recipient}\n" for recipient in recipients))
        except OSError as error:
            raise HomeUnusable(f"Cannot write {self.folder}: {error.strerror}.") from error

    def replace_identity(self, identity: str) -> None:
        """Puts the same identity, encrypted anew, in the place of the vault's own.

        Raises:
            HomeUnusable: it cannot be written.
        """
        self.check_folder()
        self._write(self.identity_file, identity)

    def put(self, entry: str, secret: Secret) -> None:
        """Keeps ``secret`` as ``entry``, in the place of what it was.

        Raises:
            BadInput: the vault is not made yet.
            SecretUnavailable: the folder is not safe.
            HomeUnusable: it cannot be written.
        """
        if not self.is_made:
            raise BadInput(
                f"There is no place for secrets at {self.folder} yet: make one with `patchdeck secrets init`."
            )
        self.check_folder()
        import pyrage

        from ops.credentials.identities import read_recipients

        path = self.folder / _RECIPIENTS
        try:
            recipients = read_recipients(self._read(path).split("\n"))
        except BadInput as error:
            raise SecretUnavailable(
                f"{path} is damaged: a line of it is no recipient of age. Restore it from a backup; without one, move "
                f"{self.folder} away, run `patchdeck secrets init` and set the secrets anew."
            ) from error
        # The name goes with it: a file that was put in the place of another is noticed.
        sealed = pyrage.encrypt(f"{entry}\n{secret.reveal()}".encode(), recipients, armored=True)
        self._write(self._path(entry), sealed.decode())

    def has(self, entry: str) -> bool:
        """Whether ``entry`` is kept; needs no unlocking."""
        return self._is_there(self._path(entry))

    def find(self, entry: str, identities: "Identities") -> Secret | None:
        """The secret kept as ``entry``, or None where there is none.

        Raises:
            SecretUnavailable: it is there, and cannot be read or decrypted.
        """
        path = self._path(entry)
        if not self._is_there(path):
            return None
        self.check_folder()
        opened = identities.decrypt(path, self._read(path).encode())
        name, _, text = opened.partition("\n")
        if name != entry:
            raise SecretUnavailable(f"{path} holds another secret than its name says: it was moved there.")
        return Secret(text)

    def remove(self, entry: str) -> bool:
        """Forgets ``entry``; False where there was none.

        Raises:
            HomeUnusable: it cannot be removed.
        """
        try:
            self._path(entry).unlink()
        except FileNotFoundError:
            return False
        except PermissionError as error:
            raise self.closed() from error
        except OSError as error:
            raise HomeUnusable(f"Cannot remove {self._path(entry)}: {error.strerror}.") from error
        return True

    def entries(self) -> list[str]:
        """The names of what is kept, sorted."""
        if not self.folder.is_dir():
            return []
        names = (path.name.removesuffix(".age") for path in self.folder.glob("*.age") if path.name != _IDENTITY)
        return sorted(name for name in names if not name.startswith("."))

    def _is_there(self, path: Path) -> bool:
        try:
            return path.exists()
        except PermissionError as error:
            raise self.closed() from error

    def closed(self) -> SecretsClosed:
        """What is told to whoever does not own the home."""
        owner = user_name(self.folder.parent.stat().st_uid)
        return SecretsClosed(
            f"Secrets are kept by {owner} alone, who owns the home {self.folder.parent}: as {owner} you see and change "
            f"them, also those in {self.folder}."
        )

    def _path(self, entry: str) -> Path:
        if not _ENTRY.fullmatch(entry):
            raise BadInput(f"{entry!r} cannot be the name of a secret.")
        return self.folder / f"{entry}.age"

    def _require_new(self) -> None:
        if self.is_made:
            raise BadInput(f"Secrets are kept in {self.folder} already.")
        # A new identity in the place of theirs would lose them for good.
        if kept := self.entries():
            raise BadInput(
                f"{self.folder} holds {len(kept)} secrets, and its file {_RECIPIENTS!r} is gone: restore that from a "
                "backup. To begin anew without them, move the folder away first."
            )

    def check_folder(self) -> None:
        """Refuses a folder that others could read or write, or that is only a link to one.

        Raises:
            SecretUnavailable: it is one of these, or cannot be looked at.
        """
        try:
            found = self.folder.lstat()
        except OSError as error:
            raise SecretUnavailable(f"{self.folder} cannot be read: {error.strerror}.") from error
        if not stat.S_ISDIR(found.st_mode):
            raise SecretUnavailable(
                f"{self.folder} is no folder of its own: secrets are neither read nor written there."
            )
        if found.st_uid not in (os.geteuid(), 0) or stat.S_IMODE(found.st_mode) & 0o077:
            raise SecretUnavailable(
                f"{self.folder} is not its owner's alone: secrets are neither read nor written there. chown it to the "
                "user that runs Patchdeck, and chmod 700."
            )

    def _read(self, path: Path) -> str:
        try:
            return read_whole(path, _MOST_BYTES).decode("ascii", "replace")
        except OSError as error:
            raise SecretUnavailable(f"{path} cannot be read: {error.strerror}.") from error

    def _write(self, path: Path, text: str) -> None:
        try:
            write_whole(path, text)
        except OSError as error:
            raise HomeUnusable(f"Cannot write {path}: {error.strerror}.") from error
