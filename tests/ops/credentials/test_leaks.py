"""A hunt: one secret of each kind is used for real, and appears nowhere that anybody could look."""

import base64
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from collectors.secrets import Secret
from fleet.machines import Become, Machine
from fleet.profiles import AgentUse, SecretKind, SecretOrigin, SecretPlace
from ops.credentials.book import add_profile, edit_profile, new_profile
from ops.credentials.identities import new_identity
from ops.credentials.keeping import machine_entry, profile_entry
from ops.credentials.vault import Vault
from ops.home import Home
from ops.service.stopping import stop_service
from ops.state.database import opened
from tests.ops.credentials.door import USER, Door, make_key
from tests.ops.credentials.terminal import Seen, run_on_terminal

ROOT = Path(__file__).parents[3]
SECRETS = {
    "unlocking": "LEAK-unlocking-7Qx",
    "keyring": "LEAK-keyring-2Wm",
    "file": "LEAK-file-9Zt",
    "command": "LEAK-command-4Rb",
    "prompt": "LEAK-prompt-8Kd",
    "passphrase": "LEAK-passphrase-3Nv",
    "own": "LEAK-own-6Hs",
}
# A command sees more than anybody of the process that asks it: also that is looked through.
TELLING = "cat /proc/$PPID/cmdline /proc/$PPID/environ /proc/$$/environ >> {0}/seen; cat {0}/command"
# Machines with these ids are due at once, 10 ms after the service has begun; others are spread over minutes.
DUE_AT_ONCE = (62710, 124590, 124679, 288240, 383371, 499572, 524144)
# By what a machine's package managers are found.
_MANAGERS = ("apt-get", "dpkg-query", "dnf", "dnf5", "yum", "microdnf", "zypper", "pacman", "apk", "rpm")
UNSEEN = dict.fromkeys((*filter(None, map(shutil.which, _MANAGERS)), "/var/lib/dpkg/status"), "/dev/null")
PATCHDECK = (sys.executable, str(ROOT / "patchdeck.py"))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Where secrets lie that are not Patchdeck's: what the command prints, and what the keyring gives."""
    folder = tmp_path / "outside"
    folder.mkdir(mode=0o700)
    for name in ("command", "keyring"):
        (folder / name).write_text(SECRETS[name])
    return folder


@pytest.fixture
def environment(home: Home, outside: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "HOME"}}
    return kept | {
        "PATCHDECK_HOME": str(home.path),
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm",
        "FIXED_KEYRING": str(outside / "keyring"),
        "PYTHON_KEYRING_BACKEND": "tests.ops.credentials.fixed_keyring.FixedKeyring",
    }


@dataclass(frozen=True)
class Behind:
    """A machine, and the sshd behind which it is."""

    machine: Machine
    door: Door


@pytest.fixture
def fleet(
    home: Home,
    open_door: Callable[..., Door],
    enrolled: Callable[..., Machine],
    outside: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Behind]:
    """A machine for each kind of secret, behind an sshd whose user has that password; and one that refuses it.

    One has apt with a single package, the others no package manager: what takes long is not what is asked here.
    """
    ids = iter(DUE_AT_ONCE)
    ids_of_machines = SimpleNamespace(uuid4=lambda: uuid.UUID(int=next(ids), version=4))
    monkeypatch.setattr("ops.enrolment.uuid", ids_of_machines)
    vault = Vault(home)
    sealed, recipient = new_identity(Secret(SECRETS["unlocking"]))
    vault.make([recipient], sealed)
    places = {
        "keyring": SecretOrigin(SecretPlace.KEYRING),
        "file": SecretOrigin(SecretPlace.FILE),
        "command": SecretOrigin(SecretPlace.COMMAND, ("sh", "-c", TELLING.format(outside))),
        "prompt": SecretOrigin(SecretPlace.PROMPT),
    }
    found: dict[str, Behind] = {}
    for name, origin in places.items():
        profile = replace(new_profile(name), user=USER, become=Become.SUDO, password=origin, become_password=origin)
        add_profile(home, profile)
        if origin.place is SecretPlace.FILE:
            for kind in (SecretKind.PASSWORD, SecretKind.BECOME):
                vault.put(profile_entry(profile, kind), Secret(SECRETS[name]))
        door = open_door(SECRETS[name], covers=_with_apt(outside) if name == "command" else UNSEEN)
        found[name] = Behind(enrolled(name, door, profile=name), door)
    door = open_door(SECRETS["own"], covers=UNSEEN)
    found["own"] = Behind(enrolled("own", door, user=USER), door)
    vault.put(machine_entry(found["own"].machine, SecretKind.PASSWORD), Secret(SECRETS["own"]))
    door = open_door("unused", covers=UNSEEN)
    found["passphrase"] = Behind(_with_key(home, vault, outside, door, enrolled), door)
    door = open_door("another one", covers=UNSEEN)
    found["refusing"] = Behind(enrolled("refusing", door, profile="file"), door)
    return found


def _with_apt(outside: Path) -> dict[str, str]:
    """apt that knows of one package, and offers nothing."""
    status, empty = outside / "status", outside / "empty"
    status.write_text(
        "Package: base-files\nStatus: install ok installed\nMaintainer: nobody <nobody@invalid>\n"
        "Architecture: amd64\nVersion: 1\nDescription: one package\n"
    )
    (empty / "partial").mkdir(parents=True)
    apt = {"/var/lib/dpkg/status": str(status), "/var/lib/apt/lists": str(empty), "/var/cache/apt": str(empty)}
    return {path: source for path, source in UNSEEN.items() if "apt" not in path and "dpkg" not in path} | apt


def _with_key(home: Home, vault: Vault, outside: Path, door: Door, enrolled: Callable[..., Machine]) -> Machine:
    key = make_key(outside / "key", "-N", SECRETS["passphrase"])
    door.authorize(outside / "key.pub")
    profile = replace(
        new_profile("passphrase"),
        user=USER,
        key_file=str(key),
        agent=AgentUse.NEVER,
        passphrase=SecretOrigin(SecretPlace.FILE),
    )
    add_profile(home, profile)
    vault.put(profile_entry(profile, SecretKind.PASSPHRASE), Secret(SECRETS["passphrase"]))
    return enrolled("passphrase", door, profile="passphrase")


@pytest.fixture
def stopped(home: Home) -> Iterator[None]:
    """Ends the service that a test leaves."""
    yield
    stop_service(home, 30.0)


def leaks(home: Home, seen: Seen, shown: str) -> list[str]:
    """Every place where a secret is, plainly or in base64."""
    files = [path for path in home.path.rglob("*") if path.is_file()]
    found = []
    for name, secret in SECRETS.items():
        for form in (secret.encode(), base64.b64encode(secret.encode())[:-4]):
            found += [f"{name} in {path}" for path in files if form in path.read_bytes()]
            found += [f"{name} in process {place}" for place in seen.holding(form)]
            found += [f"{name} on the screen"] if form.decode() in shown else []
    return found


def run_verb(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*PATCHDECK, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.usefixtures("stopped")
def test_no_secret_is_seen_anywhere(
    home: Home, fleet: dict[str, Behind], environment: dict[str, str], outside: Path
) -> None:
    """On the terminal, in files, logs, tables, the audit, command lines and environments of all processes.

    The passphrase is typed once and handed to the service, which logs in with all but what is typed at a prompt; a verb
    on a terminal asks for that, and proves it to sudo.
    """
    let_assess(home, is_on=False)
    seen = Seen()
    unlocking = {"Passphrase of the home's secrets: ": SECRETS["unlocking"]}
    code, shown = run_on_terminal((*PATCHDECK, "service", "start"), environment, unlocking, seen)
    assert code == 0
    let_assess(home, is_on=True)
    wait_for_answers(home, len(fleet), seen)
    for name in ("keyring", "file", "command", "own", "passphrase"):
        assert f"for {USER} from" in fleet[name].door.log.partition("Accepted ")[2], fleet[name].door.log
    assert "nobody is here to type it" in run_verb(environment, "machines", "show", "prompt")

    prompts = {"Password of profile prompt: ": SECRETS["prompt"], "sudo of profile prompt: ": SECRETS["prompt"]}
    code, more = run_on_terminal((*PATCHDECK, "profiles", "test", "prompt", "--sudo"), environment, prompts, seen)
    assert (code, "1 of 1 machine took" in more) == (0, True)
    shown += more + run_verb(environment, "audit") + run_verb(environment, "machines", "show", "refusing")
    shown += run_verb(environment, "profiles", "show", "file") + (outside / "seen").read_text()
    assert leaks(home, seen, shown) == []


def let_assess(home: Home, *, is_on: bool) -> None:
    """Once all machines are due they are assessed in one batch: with one after another, each waits a minute."""
    home.config_file.write_text(f"[service]\nassess = {str(is_on).lower()}\n\n[assess]\nworkers = 2\n")
    edit_profile(home, "file", lambda old: replace(old, description=f"{is_on}"))  # which makes the service look


def wait_for_answers(home: Home, machines: int, seen: Seen) -> None:
    """Until the service has tried every machine."""
    for _ in range(900):
        seen.look()
        with opened(home.state_file) as connection:
            (tried,) = connection.execute("SELECT count(*) FROM statuses").fetchone()
        if tried == machines:
            return
        signal.sigtimedwait([], 0.1)
    raise AssertionError(f"{tried} of {machines} were tried: {home.log_file.read_text()}")
