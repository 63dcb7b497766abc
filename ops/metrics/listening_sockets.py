"""Sockets that metrics are served at: on loopback, or in the file system, where one that was left over gives way."""

import socket
import stat
from contextlib import suppress
from pathlib import Path

from fleet.listening import ListenPlace

BACKLOG = 16


def bind(place: ListenPlace) -> socket.socket:
    """A socket that listens at ``place``.

    Raises:
        OSError: that is not possible.
    """
    if place.path:
        return _bind_path(place.path)
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((place.host, place.port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def remove(place: ListenPlace) -> None:
    """Takes a socket of the file system away; one that cannot be is found left over next time."""
    if place.path:
        with suppress(OSError):
            Path(place.path).unlink()


def inode_of(place: ListenPlace) -> tuple[int, int] | None:
    """What tells a socket of the file system from others that take its place; None where there is none now."""
    if not place.path:
        return (0, 0)
    try:
        found = Path(place.path).lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _bind_path(path: str) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        _remove_left_over(path)
        listening.bind(path)
        # As the textfile: for everybody who may enter the folder. A scraper is another user.
        Path(path).chmod(0o666)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _remove_left_over(path: str) -> None:
    """A socket that a killed service left, at which nobody listens; all else stays, and stands in the way."""
    try:
        if not stat.S_ISSOCK(Path(path).lstat().st_mode):
            raise OSError(0, "there is something else in its place")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            Path(path).unlink()
        else:
            raise OSError(0, "another process listens there")
