"""The home's known_hosts file: one key of each host, all else left alone."""

import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.host_keys import HostKey, add_known_host

LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Lq1Yc3cXcZKkF0m0m0m0m0m0m0m0m0m0m0m0m0m0m"
OLD = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ=="


def host_key(host: str = "web-01", port: int = 22) -> HostKey:
    return HostKey(host, port, "ssh-ed25519", LINE, "SHA256:x")


def test_first_key_makes_the_file_for_its_owner_alone(tmp_path: Path) -> None:
    """A home without accepted keys gets a file that nobody else can read."""
    path = tmp_path / "known_hosts"
    add_known_host(path, host_key())
    assert path.read_text() == f"web-01 {LINE}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_other_port_and_ipv6_are_written_as_openssh_does(tmp_path: Path) -> None:
    """A port that is not SSH's own stands beside the name in brackets."""
    path = tmp_path / "known_hosts"
    add_known_host(path, host_key("Web-01", 2222))
    add_known_host(path, host_key("2001:db8::1"))
    assert path.read_text() == f"[web-01]:2222 {LINE}\n2001:db8::1 {LINE}\n"


def test_changed_key_is_replaced_and_all_else_stays(tmp_path: Path) -> None:
    """Old keys of that host go, also from lists of names; comments, others, ports and marked lines stay."""
    path = tmp_path / "known_hosts"
    path.write_text(
        f"# kept\n\nweb-01 {OLD}\nweb-01,192.0.2.7 {OLD} comment\n[web-01]:2222 {OLD}\n"
        f"@revoked web-01 {OLD}\n@cert-authority *.example {OLD}\nweb-010 {OLD}\n"
    )
    add_known_host(path, host_key())
    assert path.read_text() == (
        f"# kept\n\n192.0.2.7 {OLD} comment\n[web-01]:2222 {OLD}\n"
        f"@revoked web-01 {OLD}\n@cert-authority *.example {OLD}\nweb-010 {OLD}\nweb-01 {LINE}\n"
    )


def test_hashed_name_is_recognised(tmp_path: Path) -> None:
    """A key under a hashed name is replaced as well."""
    path = tmp_path / "known_hosts"
    add_known_host(path, host_key())
    subprocess.run(["ssh-keygen", "-H", "-f", str(path)], check=True, capture_output=True)
    assert path.read_text().startswith("|1|")
    add_known_host(path, host_key())
    assert path.read_text() == f"web-01 {LINE}\n"


def test_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be replaced stays whole, and nothing is left beside it."""
    path = tmp_path / "known_hosts"
    path.write_text("# old\n")

    def refuse(_self: Path, _target: Path) -> Path:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        add_known_host(path, host_key())
    assert path.read_text() == "# old\n"
    assert list(tmp_path.iterdir()) == [path]


@given(st.lists(st.binary() | st.sampled_from([b"web-01 x", b"web-01,b", b"|1|a|b x", b"@", b"\n"])).map(b"\n".join))
def test_adding_twice_is_adding_once(tmp_path_factory: pytest.TempPathFactory, old: bytes) -> None:
    """Whatever the file holds, accepting a key again changes nothing more."""
    path = tmp_path_factory.mktemp("home") / "known_hosts"
    path.write_bytes(old)
    add_known_host(path, host_key())
    once = path.read_bytes()
    add_known_host(path, host_key())
    assert path.read_bytes() == once
    assert once.endswith(f"web-01 {LINE}\n".encode())
