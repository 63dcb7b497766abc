"""The home's known_hosts file: many hosts at once, several writers, and finding a key again."""

import subprocess
import threading
from pathlib import Path

from collectors.known_hosts_file import AcceptedKeys, replace_known_hosts

ONE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
TWO = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Lq1Yc3cXcZKkF0m0m0m0m0m0m0m0m0m0m0m0m0m0m"


def test_all_keys_of_a_host_stand_beside_each_other(tmp_path: Path) -> None:
    """Those that it had before go, those of others stay."""
    path = tmp_path / "known_hosts"
    path.write_text(f"web-01 {ONE}\nweb-02 {ONE}\n")
    replace_known_hosts(path, {"web-01": (TWO, ONE), "[db-01]:2222": (TWO,)})
    assert path.read_text() == f"web-02 {ONE}\nweb-01 {TWO}\nweb-01 {ONE}\n[db-01]:2222 {TWO}\n"


def test_of_many_writers_at_once_none_is_lost(tmp_path: Path) -> None:
    """Machines that are approved at one time are all trusted afterwards."""
    path = tmp_path / "known_hosts"
    writers = [
        threading.Thread(target=replace_known_hosts, args=(path, {f"web-{number}": (ONE,)})) for number in range(20)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(path.read_text().splitlines()) == sorted(f"web-{number} {ONE}" for number in range(20))


def test_a_key_is_found_by_its_host_and_the_hosts_by_their_key(tmp_path: Path) -> None:
    """Hashed names are recognised; lines that begin with @, and broken ones, trust nobody."""
    path = tmp_path / "known_hosts"
    path.write_text(f"# {ONE}\n@revoked web-03 {ONE}\nbroken\nWeb-01,192.0.2.7 {ONE} comment\n")
    accepted = AcceptedKeys(path)
    assert accepted.of("web-01") == accepted.of("192.0.2.7") == {ONE}
    assert accepted.of("web-03") == frozenset()
    assert accepted.hosts_with({ONE}) == ("Web-01", "192.0.2.7")
    assert accepted.hosts_with({TWO}) == ()
    path.write_text(f"web-01 {ONE}\n")
    subprocess.run(["ssh-keygen", "-H", "-f", str(path)], check=True, capture_output=True)
    assert AcceptedKeys(path).of("web-01") == {ONE}
    assert AcceptedKeys(path).of("web-02") == frozenset()


def test_no_file_trusts_nobody(tmp_path: Path) -> None:
    """A home in which no key was accepted has none."""
    assert AcceptedKeys(tmp_path / "known_hosts").of("web-01") == frozenset()
