"""The server's own key: made at its first start, for its owner alone."""

import os
from contextlib import suppress
from typing import Any

import asyncssh

from fleet.errors import HomeUnusable
from ops.home import Home
from ops.serve_ssh.login_keys import make_folder

_NAME = "host_key"


def server_key(home: Home) -> Any:  # Any: asyncssh's private key
    """The key by which clients know the server of ``home``.

    Raises:
        HomeUnusable: it cannot be read, made or relied on.
    """
    make_folder(home)
    path = home.serve_ssh_dir / _NAME
    try:
        if not path.exists():
            _make(home)
        found = path.stat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise HomeUnusable(f"{path} can be read or written by others: it is no secret any more. Remove it.")
        return asyncssh.read_private_key(path)
    except (OSError, asyncssh.KeyImportError) as error:
        raise HomeUnusable(f"Cannot use the server's key {path}: {error}.") from error


def _make(home: Home) -> None:
    """Whole or not at all; of two servers that begin at once the first one's stays."""
    path = home.serve_ssh_dir / _NAME
    aside = home.serve_ssh_dir / f".{_NAME}.{os.getpid()}"
    key = asyncssh.generate_private_key("ssh-ed25519", comment=f"patchdeck {home.path.name}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.export_private_key("openssh"))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink(missing_ok=True)
