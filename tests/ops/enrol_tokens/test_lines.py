"""The line to run on a machine: one line that any shell takes as it is, short enough to be pasted."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fleet.errors import BadInput
from fleet.introductions import parse_introduction
from ops.enrol_tokens.console import Console, check_account, find_console, read_public_key
from ops.enrol_tokens.lines import KeyInstallation, TokenSecrets, powershell_line, shell_line
from ops.enrol_tokens.making import KeyType, _make_key
from tests.ops.enrol_tokens.conftest import needs

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
CONSOLE = Console("console.example", 22, "patch", (KEY, KEY.replace("Fh", "Fi")))
SECRETS = TokenSecrets("QUJD" * 100, "p" * 24)
INSTALLATION = KeyInstallation(KEY, "patchdeck")


def run_with(
    programs: dict[str, str], line: str, folder: Path, path: str = ":/usr/bin:/bin"
) -> subprocess.CompletedProcess[str]:
    """What the line does where ``programs`` are in the path before all others; sh is always there."""
    places = folder / "bin"
    places.mkdir()
    (places / "sh").symlink_to("/bin/sh")
    for name, script in programs.items():
        (places / name).write_text(f"#!/bin/sh\n{script}\n")
        (places / name).chmod(0o755)
    environment = {"PATH": f"{places}{path}", "TMPDIR": str(folder)}
    return subprocess.run(
        ["/bin/sh", "-c", line], env=environment, capture_output=True, text=True, timeout=20, check=False
    )


@pytest.mark.parametrize("installation", [None, INSTALLATION, KeyInstallation(KEY, None)])
def test_no_shell_reads_anything_into_the_line(installation: KeyInstallation | None) -> None:
    """In single quotes, without what a shell would take for something else there, and plain text."""
    line = shell_line(SECRETS, CONSOLE, installation)
    assert line.startswith("echo '")
    assert line.endswith("' | sh")
    inner = line.removeprefix("echo '").removesuffix("' | sh")
    assert not set(inner) & set("'\\!\n\r\t")
    assert line.isascii()
    assert len(line) < 3_900
    assert re.search("@[A-Z]+@", inner) is None


@pytest.mark.parametrize("key_type", KeyType)
def test_real_keys_leave_room(key_type: KeyType) -> None:
    """The longest line that there is can be pasted into any terminal."""
    private_key, _ = _make_key(key_type)
    console = Console("c" * 60 + ".example.net", 22222, "patchdeck-enrolment", CONSOLE.host_keys)
    assert len(shell_line(TokenSecrets(private_key, "p" * 24), console, INSTALLATION)) < 3_900
    assert len(powershell_line(TokenSecrets(private_key, "p" * 24), console)) < 3_900


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "busybox", "mksh", "zsh"])
def test_shells_can_read_it(shell: str, tmp_path: Path) -> None:
    """As it stands, and what it hands to sh."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    line = shell_line(SECRETS, CONSOLE, INSTALLATION)
    command = [shell, "sh", "-n"] if shell == "busybox" else [shell, "-n"]
    for script in (line, line.removeprefix("echo '").removesuffix("' | sh")):
        done = subprocess.run(command, input=f"{script}\n", capture_output=True, text=True, timeout=20, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_shellcheck_finds_nothing() -> None:
    """The script in one line, as it is run."""
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    script = shell_line(SECRETS, CONSOLE, INSTALLATION).removeprefix("echo '").removesuffix("' | sh")
    done = subprocess.run(
        # Single lines are wanted; fields that are read and not used have to be read.
        ["shellcheck", "--shell=sh", "--exclude=SC2034,SC2043,SC1091", "-"],
        input=f"{script}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""


@pytest.mark.parametrize("shell", ["dash", "bash", "mksh"])
def test_what_a_machine_says_comes_as_it_is(shell: str, tmp_path: Path) -> None:
    """A backslash, as in the names of a domain's users, is a backslash in whatever sh; without ip there is hostname."""
    needs(shell)
    programs = {
        "ssh": f"[ $1 = -V ] || cat >{tmp_path}/said",
        "id": "printf '%s\\n' 'CORP\\nina\\carol'",
        "hostname": '[ "$1" != -I ] || echo 192.0.2.7 2001:db8::7',
        "ip": "exit 127",
    }
    line = shell_line(SECRETS, CONSOLE, None).replace("| sh", f"| {shell} -s 'role=a\\b c'")
    done = run_with(programs, line, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    said = parse_introduction((tmp_path / "said").read_bytes())
    assert (dict(said.tags), said.addresses) == ({"role": "a\\b c"}, ("192.0.2.7", "2001:db8::7"))
    assert "user CORP\\nina\\carol\n" in (tmp_path / "said").read_text()


@pytest.mark.parametrize(
    ("programs", "why"),
    [({}, "There is no ssh"), ({"ssh": "echo Dropbear v2022.83 >&2"}, "This ssh is that of Dropbear")],
)
def test_without_the_client_of_openssh_nothing_begins(programs: dict[str, str], why: str, tmp_path: Path) -> None:
    """It is said in one line what is missing."""
    done = run_with(programs, shell_line(SECRETS, CONSOLE, None), tmp_path, "")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == f"{why}: nothing was introduced. Install the client of OpenSSH.\n"
    assert not list(tmp_path.glob("patchdeck*"))


def test_grammar_of_powershell_reads_the_line() -> None:
    """Nothing here can run it: this is what can be known; tags may stand after it."""
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_powershell", reason="the grammar is not installed: make dev")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    line = powershell_line(SECRETS, CONSOLE)
    for script in (line, f"{line} role=web site=hamburg"):
        assert not parser.parse(script.encode("ascii")).root_node.has_error
    assert parser.parse(line.replace("finally {", "finally").encode("ascii")).root_node.has_error


def test_powershell_gives_no_secret_as_an_argument() -> None:
    """The key is written to a file by the shell itself."""
    line = powershell_line(SECRETS, CONSOLE)
    assert "\n" not in line
    command = line.partition("cmd /c '")[2].partition("'")[0]
    assert command.startswith("ssh ")
    assert "@console" not in line
    assert SECRETS.private_key not in command
    assert SECRETS.proof not in command


def test_secrets_do_not_show_themselves() -> None:
    """Not in a traceback that prints values."""
    assert "QUJD" not in repr(SECRETS)


@pytest.mark.parametrize("name", ["a b", "$(id)", "DOMAIN\\anna", "-oProxyCommand=x", "", "anna;id"])
def test_accounts_that_a_shell_would_read_are_refused(name: str) -> None:
    """An account's name stands in the line as it is."""
    with pytest.raises(BadInput):
        check_account(name)


@pytest.mark.parametrize(
    ("place", "host", "port"),
    [
        ("console", "console", 22),
        ("192.0.2.1:2222", "192.0.2.1", 2222),
        ("2001:db8::1", "2001:db8::1", 22),
        ("[2001:db8::1]", "2001:db8::1", 22),
        ("[2001:db8::1]:2222", "2001:db8::1", 2222),
    ],
)
def test_places_of_a_console(place: str, host: str, port: int, tmp_path: Path) -> None:
    """With a port or without, IPv6 as everywhere."""
    (tmp_path / "key.pub").write_text(f"{KEY} root@console\n")
    console = find_console(place, "anna", [tmp_path / "key.pub"])
    assert (console.host, console.port, console.host_keys) == (host, port, (KEY,))


@pytest.mark.parametrize(
    "place", ["", "console:", "console:ssh", "console:0", "a b", "ssh://console", "x:1:y", "$(id)"]
)
def test_what_is_no_place_is_refused(place: str) -> None:
    """It would stand in a line for a shell."""
    with pytest.raises(BadInput):
        find_console(place, "anna", [])


def test_a_console_is_where_it_was_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever came by SSH came by an address that works."""
    (tmp_path / "key.pub").write_text(KEY)
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.7 55555 192.0.2.1 2222")
    console = find_console(None, "anna", [tmp_path / "key.pub"])
    assert (console.host, console.port) == ("192.0.2.1", 2222)


def test_a_private_key_is_never_taken_for_a_public_one(tmp_path: Path) -> None:
    """It would be given to every machine."""
    (tmp_path / "id").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nsecret\n")
    with pytest.raises(BadInput, match="is a private key"):
        read_public_key(tmp_path / "id")
