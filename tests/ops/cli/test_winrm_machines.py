"""`patchdeck machines` with Windows machines: how they are added, changed, shown and called."""

import json
from pathlib import Path

import pytest

from ops.home import open_home
from ops.state.database import opened
from tests.ops.cli.conftest import Patchdeck


def _defined(patchdeck: Patchdeck, *arguments: str) -> dict[str, object]:
    (row,) = json.loads(patchdeck("machines", *arguments, "--json").out)
    assert isinstance(row, dict)
    return row


def test_winrm_machine_is_added_shown_edited_renamed_and_removed(patchdeck: Patchdeck) -> None:
    """HTTPS by default; the port that belongs to the scheme follows it, one that was given stays."""
    added = _defined(patchdeck, "add", "win-1", "--transport", "winrm", "--user", "CORP\\Jürgen M", "--port", "5986")
    usual = {"scheme": "https", "kind": None, "ca_file": None, "proxy": None, "is_clear_text_allowed": False}
    assert (added["address"], added["os_type"], added["winrm"]) == ("win-1", "Windows", usual)
    again = patchdeck("machines", "add", "win-1", "--transport", "winrm", "--user", "CORP\\Jürgen M", "--port", "5986")
    assert "already" in again.err
    assert "HTTPS, port 5986" in patchdeck("machines", "show", "win-1").out

    edited = _defined(patchdeck, "edit", "win-1", "--http", "--winrm", "kerberos", "--proxy", "http://proxy:3128")
    assert edited["port"] is None
    assert edited["winrm"] == usual | {"scheme": "http", "kind": "kerberos", "proxy": "http://proxy:3128"}
    shown = patchdeck("machines", "show", "win-1").out
    assert "HTTP, port 5985, by kerberos through http://proxy:3128" in shown
    assert "answers are not authenticated" in shown
    cleared = _defined(patchdeck, "edit", "win-1", "--https", "--clear", "winrm", "--clear", "proxy")
    assert cleared["winrm"] == usual
    assert _defined(patchdeck, "rename", "win-1", "win-9")["winrm"] == usual
    assert json.loads(patchdeck("machines", "list", "os:windows", "--json").out)[0]["winrm"] == usual
    patchdeck("machines", "remove", "win-9", "--yes")


def test_machine_changes_from_one_way_to_the_other(patchdeck: Patchdeck, home: Path) -> None:
    """What belongs to the way that it had goes with it; the system stays: OpenSSH on Windows."""
    patchdeck("machines", "add", "win-1", "--http", "--winrm", "ntlm", "--port", "15985")
    by_ssh = _defined(patchdeck, "edit", "win-1", "--transport", "ssh")
    assert (by_ssh["winrm"], by_ssh["port"], by_ssh["os_type"]) == (None, None, "Windows")
    assert _defined(patchdeck, "add", "win-2", "--os", "Windows", "--user", "patch")["transport"] == "ssh"
    with opened(open_home(home).state_file) as connection:
        (document,) = connection.execute("SELECT document FROM machines WHERE name = 'win-1'").fetchone()
    assert "winrm" not in json.loads(document)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--http --winrm basic", "--allow-clear-text forces it"),
        ("--winrm basic --allow-clear-text", "--http"),
        ("--http --winrm ntlm --allow-clear-text", "everything else is encrypted"),
        ("--http --winrm certificate", "needs HTTPS"),
        ("--http --ca-file /etc/passwd", "only HTTPS has a certificate"),
        ("--transport winrm --ca-file /no/such/file", "file of authorities"),
        ("--transport winrm --proxy-jump bastion", "--proxy http://HOST:PORT"),
        ("--transport winrm --key-file /etc/passwd", "profile"),
        ("--transport winrm --become sudo", "administrator"),
        ("--transport winrm --os Linux", "WinRM is a way to Windows"),
        ("--os Windows --become sudo", "administrator"),
        ("--transport winrm --proxy proxy:3128", "http://HOST:PORT"),
        ("--transport winrm --proxy http://me:hunter2@proxy:3128", "without user and password"),
        ("--transport winrm --proxy socks5://proxy:3128", "http://HOST:PORT"),
        ("--transport winrm --proxy http://proxy:99999", "http://HOST:PORT"),
        ("--transport winrm --winrm digest", "--winrm"),
        ("--transport winrm --user a/b", "User name"),
        ("--transport winrm --user CORP\\", "User name"),
        ("--transport ssh --winrm ntlm", "belong to the transport 'winrm'"),
        ("--transport local --http", "belong to the transport 'winrm'"),
    ],
)
def test_what_does_not_fit_together_gets_one_line(patchdeck: Patchdeck, options: str, says: str) -> None:
    """That says which and what to do; nothing is enrolled, and no secret is repeated."""
    ended = patchdeck("machines", "add", "x", *options.split(), code=2)
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert "hunter2" not in ended.err
    assert json.loads(patchdeck("machines", "list", "--json").out) == []


def test_home_that_an_older_version_wrote_is_read(patchdeck: Patchdeck, home: Path) -> None:
    """Its machines know nothing of WinRM, nor does one of Windows with a way to become root, as was possible."""
    patchdeck("machines", "add", "old-1", "--address", "192.0.2.1")
    with opened(open_home(home).state_file) as connection:
        (document,) = connection.execute("SELECT document FROM machines").fetchone()
        plain = json.loads(document) | {"os_type": "Windows", "become": "sudo"}
        connection.execute("UPDATE machines SET document = ?", (json.dumps(plain),))
        connection.commit()
    assert _defined(patchdeck, "list")["winrm"] is None
    assert "administrator" in patchdeck("machines", "edit", "old-1", "--port", "22", code=2).err
    assert _defined(patchdeck, "edit", "old-1", "--port", "22", "--become", "none")["port"] == 22
