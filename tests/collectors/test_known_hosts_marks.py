"""Authorities and revoked keys in known_hosts: written once, read back, taken out, and nothing else touched."""

from pathlib import Path

import asyncssh
import pytest

from collectors.known_hosts_marks import Mark, add_mark, check_patterns, mark_key, read_marks, remove_mark
from fleet.errors import BadInput

OTHERS = "# ours\nweb-01 ssh-ed25519 AAAA\n@cert-authority broken\n"


@pytest.fixture(scope="module")
def public_key() -> str:
    return asyncssh.generate_private_key("ssh-ed25519", comment="ca@example").export_public_key().decode()


def test_mark_is_written_once_and_taken_out_again(tmp_path: Path, public_key: str) -> None:
    """Comments, other hosts and lines that nobody can read stay where they are."""
    path = tmp_path / "known_hosts"
    path.write_text(OTHERS)
    marked = mark_key(Mark.AUTHORITY, "*.Example.com, [10.0.0.*]:2222", public_key)
    assert add_mark(path, marked)
    assert not add_mark(path, marked)
    assert read_marks(path) == [marked]
    assert path.read_text().endswith(f"@cert-authority *.example.com,[10.0.0.*]:2222 {marked.public_line}\n")
    assert remove_mark(path, Mark.REVOKED, marked.fingerprint, None) == []
    assert remove_mark(path, Mark.AUTHORITY, marked.fingerprint, "other") == []
    assert remove_mark(path, Mark.AUTHORITY, marked.fingerprint, marked.hosts) == [marked]
    assert path.read_text() == OTHERS


def test_file_that_is_not_there_has_no_marks(tmp_path: Path, public_key: str) -> None:
    """The first mark makes it, for its owner alone."""
    path = tmp_path / "known_hosts"
    assert read_marks(path) == []
    assert add_mark(path, mark_key(Mark.REVOKED, "*", public_key))
    assert path.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize(
    "hosts", ["", "a b", "a,,b", "!a", "!a,!b", "*\n@cert-authority *", "[a", "a" * 1001, "$(x)", "a#b"]
)
def test_patterns_that_are_none_are_refused(hosts: str) -> None:
    """Nothing gets into the file that could be read as another line, or means nobody."""
    with pytest.raises(BadInput):
        check_patterns(hosts)


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    """The private key of an authority least of all."""
    with pytest.raises(BadInput, match=r"give the \.pub file"):
        mark_key(Mark.AUTHORITY, "*", text)
