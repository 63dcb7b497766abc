"""Passwords: asked once, kept in the keyring only, never shown."""

import io
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.secrets import NoSecrets, Secret
from fleet.errors import BadInput
from fleet.machines import Machine, TransportKind
from fleet.profiles import SecretKind, SecretPlace
from ops.credentials.finding import HomeSecrets
from ops.credentials.keeping import KeyringUnusable, choose_place, forget_everywhere, keep_secret, machine_entry
from ops.home import Home, open_home
from ops.secrets import ask_secrets, read_secret

MACHINE = Machine("id-1", "web-01", TransportKind.SSH, datetime(2026, 11, 20, tzinfo=UTC))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.mark.usefixtures("ring")
def test_a_stored_password_comes_back_for_its_machine_only(home: Home) -> None:
    """Login and sudo are two; another machine has neither; forgetting is told apart from nothing to forget."""
    entry = machine_entry(MACHINE, SecretKind.PASSWORD)
    keep_secret(home, entry, read_secret_from("s3cret\n"), SecretPlace.KEYRING)
    found = HomeSecrets(home).password(MACHINE)

    assert found is not None
    assert found.reveal() == "s3cret"
    assert HomeSecrets(home).password(replace(MACHINE, id="id-2")) is None
    assert HomeSecrets(home).sudo_password(MACHINE) is None
    assert forget_everywhere(home, entry)
    assert not forget_everywhere(home, entry)
    assert HomeSecrets(home).password(MACHINE) is None


@pytest.mark.usefixtures("no_ring")
def test_without_a_keyring_storing_fails_and_looking_up_finds_nothing(home: Home) -> None:
    """A scan goes on without; whoever wants to store is told why not, and where else it may be."""
    assert HomeSecrets(home).password(MACHINE) is None
    with pytest.raises(KeyringUnusable, match="--ask-password"):
        keep_secret(home, machine_entry(MACHINE, SecretKind.BECOME), Secret("x"), SecretPlace.KEYRING)
    with pytest.raises(KeyringUnusable, match="secrets init"):
        choose_place(home, None)


def test_passwords_are_asked_once_and_hold_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line is the login's, the second sudo's."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("hunter2\nhunter3\nnot read"))

    secrets = ask_secrets(login=True, sudo=True)

    login, sudo = secrets.password(MACHINE), secrets.sudo_password(MACHINE)
    assert (login and login.reveal(), sudo and sudo.reveal()) == ("hunter2", "hunter3")
    assert sys.stdin.read() == "not read"
    assert "hunter" not in repr(secrets)


def test_nothing_is_asked_that_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input stays for whoever else reads it."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("untouched"))

    secrets = ask_secrets(login=False, sudo=False, otherwise=NoSecrets())

    assert secrets.password(MACHINE) is None
    assert sys.stdin.read() == "untouched"


@pytest.mark.parametrize("given", ["", "\n", "x" * 5000])
def test_what_is_no_password_is_refused(given: str) -> None:
    """Nothing, an empty line, or a file that was piped in by mistake."""
    with pytest.raises(BadInput):
        read_secret_from(given)


@pytest.mark.parametrize(("given", "told"), [("hun\udcffter2\n", "no text in UTF-8"), ("hun\0ter2\n", "holds a NUL")])
def test_what_no_password_can_be_is_refused_without_a_word_of_it(given: str, told: str) -> None:
    """What is not UTF-8 would fail far from here, in an error that holds a piece of it."""
    with pytest.raises(BadInput, match=told) as caught:
        read_secret_from(given)
    assert "hun" not in str(caught.value)
    assert caught.value.__cause__ is None


def read_secret_from(text: str) -> Secret:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(text))
        return read_secret("Password: ")
