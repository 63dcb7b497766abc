"""Authorities whose host certificates count, and keys that no host may show: acts of a person, each audited."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.whole_files import read_whole
from fleet.errors import BadInput, HomeUnusable
from ops.home import Home
from ops.state.audit import Audit
from ops.state.database import opened

if TYPE_CHECKING:
    from collectors.known_hosts_marks import Mark, MarkedKey

_MOST_BYTES = 65_536


def read_marked(mark: "Mark", hosts: str, key_file: Path) -> "MarkedKey":
    """The public key in ``key_file``, to be marked for ``hosts``: compare its fingerprint first.

    Raises:
        BadInput: the file is not there, holds no public key, or the patterns cannot be used.
    """
    from collectors.known_hosts_marks import mark_key

    try:
        text = read_whole(key_file.expanduser(), _MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise BadInput(f"Cannot read {key_file}: {error.strerror}.") from error
    return mark_key(mark, hosts, text)


def list_marked(home: Home) -> list["MarkedKey"]:
    """The authorities and revoked keys of the home's known_hosts, in its order.

    Raises:
        HomeUnusable: it cannot be read.
    """
    from collectors.known_hosts_marks import read_marks

    try:
        return read_marks(home.known_hosts)
    except OSError as error:
        raise HomeUnusable(f"Cannot read {home.known_hosts}: {error.strerror}.") from error


def put_marked(home: Home, marked: "MarkedKey") -> bool:
    """Writes ``marked`` into the home's known_hosts; whether that changed anything. Audited.

    Raises:
        HomeUnusable: known_hosts or the state cannot be written.
    """
    from collectors.known_hosts_marks import add_mark

    with opened(home.state_file) as connection:
        try:
            is_new = add_mark(home.known_hosts, marked)
        except OSError as error:
            raise HomeUnusable(f"Cannot write {home.known_hosts}: {error.strerror}.") from error
        if is_new:
            Audit(connection).record(f"known-hosts.{marked.mark.name.lower()}", marked.hosts, None, _document(marked))
    return is_new


def take_marked(home: Home, mark: "Mark", fingerprint: str, hosts: str | None) -> list["MarkedKey"]:
    """Takes the keys with that mark and fingerprint out of the home's known_hosts, and gives them. Audited.

    Raises:
        HomeUnusable: known_hosts or the state cannot be written.
    """
    from collectors.known_hosts_marks import remove_mark

    with opened(home.state_file) as connection:
        try:
            gone = remove_mark(home.known_hosts, mark, fingerprint, hosts)
        except OSError as error:
            raise HomeUnusable(f"Cannot write {home.known_hosts}: {error.strerror}.") from error
        for each in gone:
            Audit(connection).record(f"known-hosts.forget-{each.mark.name.lower()}", each.hosts, _document(each), None)
    return gone


def _document(marked: "MarkedKey") -> str:
    return json.dumps({"key": f"{marked.public_line.split()[0]} {marked.fingerprint}"})
