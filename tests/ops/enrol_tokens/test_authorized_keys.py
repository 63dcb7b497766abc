"""The authorized_keys file: one line in, one line out, all else as it was."""

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.enrol_tokens import EnrolToken
from fleet.errors import BadInput
from ops.enrol_tokens.authorized_keys import drop_line, put_line
from ops.enrol_tokens.authorizing import authorized_line
from ops.enrol_tokens.console import read_public_key
from ops.home import Home

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOKEN = EnrolToken("9c41d07e", NOW, "anna", NOW + timedelta(hours=1), "0" * 64, KEY)
OTHERS = "# mine\n\nssh-ed25519 AAAAother anna\nno-pty ssh-rsa AAAArsa old"


def test_the_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """With its folder, as sshd wants it."""
    path = tmp_path / ".ssh" / "authorized_keys"
    assert put_line(path, f"restrict {KEY}", KEY)
    assert path.read_text() == f"restrict {KEY}\n"
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)


def test_other_lines_and_the_mode_stay(tmp_path: Path) -> None:
    """Also a last line without its end; the key's own line is replaced, and nothing is changed twice."""
    path = tmp_path / "authorized_keys"
    path.write_text(OTHERS)
    path.chmod(0o640)
    put_line(path, f"restrict {KEY} one", KEY)
    assert put_line(path, f"restrict {KEY} two", KEY)
    assert not put_line(path, f"restrict {KEY} two", KEY)
    assert path.read_text() == f"{OTHERS}\nrestrict {KEY} two\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert drop_line(path, KEY)
    assert not drop_line(path, KEY)
    assert path.read_text() == f"{OTHERS}\n"


def test_a_link_is_left_to_whoever_made_it(tmp_path: Path) -> None:
    """Replacing it would cut it off from what looks after it."""
    (tmp_path / "real").write_text(OTHERS)
    (tmp_path / "authorized_keys").symlink_to(tmp_path / "real")
    with pytest.raises(BadInput, match="is a link"):
        put_line(tmp_path / "authorized_keys", f"restrict {KEY}", KEY)
    assert (tmp_path / "real").read_text() == OTHERS


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe where the file or a key should be is told, at once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(BadInput, match="no regular file"):
        put_line(pipe, f"restrict {KEY}", KEY)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(BadInput, match="no regular file"):
            read_public_key(path)
    with pytest.raises(BadInput, match="null byte"):
        read_public_key(Path("key\0.pub"))


def test_nothing_is_dropped_from_a_file_that_is_not_there(tmp_path: Path) -> None:
    """And none is made."""
    assert not drop_line(tmp_path / ".ssh" / "authorized_keys", KEY)
    assert list(tmp_path.iterdir()) == []


def test_the_line_restricts_to_one_command(tmp_path: Path) -> None:
    """With its time and its networks, for sshd itself to enforce."""
    line = authorized_line(Home(tmp_path / "a home"), replace(TOKEN, networks=("192.0.2.0/24", "2001:db8::/32")))
    assert line.startswith('restrict,expiry-time="2026')
    assert ',from="192.0.2.0/24,2001:db8::/32",command="' in line
    assert f"--home '{tmp_path}/a home' enrol-accept 9c41d07e\" {KEY} patchdeck-enrol-9c41d07e" in line


@pytest.mark.parametrize("name", ['a"home', "a'home", "a\nhome", "a\\home"])
def test_a_home_that_would_end_the_command_is_refused(tmp_path: Path, name: str) -> None:
    """A quote in its path could add options to the line."""
    with pytest.raises(BadInput, match="cannot name"):
        authorized_line(Home(tmp_path / name), TOKEN)
