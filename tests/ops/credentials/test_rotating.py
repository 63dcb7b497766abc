"""Rotation over real sshd: the old secret stands until every machine has taken the new one, and that alone."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.secrets import Secret
from fleet.errors import BadInput
from fleet.machines import Become, Machine
from fleet.profiles import SecretKind, SecretOrigin, SecretPlace
from ops.credentials.book import add_profile, find_profile, new_profile
from ops.credentials.finding import HomeSecrets
from ops.credentials.keeping import keep_secret, machine_entry, profile_entry
from ops.credentials.proving import Verdict
from ops.credentials.rotating import Change, Rotation, rotate
from ops.enrolment import Definition, enrol
from ops.home import Home
from ops.state.audit import Audit
from ops.state.database import opened
from tests.ops.credentials.door import USER, Door, make_key

Enrolled = Callable[..., Machine]
RING = SecretOrigin(SecretPlace.KEYRING)


@pytest.fixture(scope="module")
def doors(open_door: Callable[..., Door]) -> tuple[Door, Door]:
    """Two machines."""
    return open_door(), open_door()


@pytest.fixture
def fleet(ring: object, home: Home, doors: tuple[Door, Door], enrolled: Enrolled) -> tuple[Machine, Machine]:
    """Both have the profile web, whose two passwords are "old"; so do they."""
    profile = replace(new_profile("web"), user=USER, become=Become.SUDO, password=RING, become_password=RING)
    add_profile(home, profile)
    for kind in (SecretKind.PASSWORD, SecretKind.BECOME):
        keep_secret(home, profile_entry(profile, kind), Secret("old"), SecretPlace.KEYRING)
    for door in doors:
        door.set_password("old")
        door.authorize()
    return enrolled("web-01", doors[0], profile="web"), enrolled("web-02", doors[1], profile="web")


def change_to(home: Home, kind: SecretKind, text: str, *, without_unreached: bool = False) -> Rotation:
    change = Change(find_profile(home, "web"), kind, Secret(text))
    return asyncio.run(rotate(home, change, without_unreached=without_unreached))


def holds(home: Home, kind: SecretKind) -> str:
    secret = HomeSecrets(home).of_profile(find_profile(home, "web"), kind)
    assert secret is not None
    return secret.reveal()


def verdicts(rotation: Rotation) -> list[Verdict]:
    return [proof.verdict for proof in rotation.proofs]


@pytest.mark.usefixtures("fleet")
def test_one_machine_that_refuses_leaves_the_old_one(home: Home, doors: tuple[Door, Door]) -> None:
    """Then the last one is changed too, and the new one holds; the deed is in the audit, without it."""
    doors[0].set_password("new-S3cret")
    first = change_to(home, SecretKind.PASSWORD, "new-S3cret")
    assert (verdicts(first), first.is_done) == ([Verdict.PROVEN, Verdict.REFUSED], False)
    assert holds(home, SecretKind.PASSWORD) == "old"

    doors[1].set_password("new-S3cret")
    assert change_to(home, SecretKind.PASSWORD, "new-S3cret").is_done
    assert holds(home, SecretKind.PASSWORD) == "new-S3cret"


@pytest.mark.usefixtures("fleet")
def test_a_key_that_lets_in_does_not_prove_a_password(
    home: Home, doors: tuple[Door, Door], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a default key that both machines take, a wrong new password is still refused."""
    (tmp_path / "nobody" / ".ssh").mkdir(mode=0o700)
    key = make_key(tmp_path / "nobody" / ".ssh" / "id_ed25519")
    for door in doors:
        door.authorize(key.with_suffix(".pub"))
    assert verdicts(change_to(home, SecretKind.PASSWORD, "wrong")) == [Verdict.REFUSED, Verdict.REFUSED]
    assert holds(home, SecretKind.PASSWORD) == "old"


@pytest.mark.usefixtures("fleet")
def test_password_for_sudo_is_proved_by_sudo(home: Home, doors: tuple[Door, Door]) -> None:
    """The login is by the profile's password as ever; a wrong one for sudo is refused."""
    assert verdicts(change_to(home, SecretKind.BECOME, "wrong")) == [Verdict.REFUSED, Verdict.REFUSED]
    assert change_to(home, SecretKind.BECOME, "old").is_done
    assert holds(home, SecretKind.BECOME) == "old"


def test_machine_that_is_away_holds_the_rotation_up_unless_told(
    home: Home, fleet: tuple[Machine, Machine], doors: tuple[Door, Door]
) -> None:
    """Its word is missing; whoever knows that says so."""
    enrol(home, Definition("web-03", address="127.0.0.1", port=1, profile="web"))
    waiting = change_to(home, SecretKind.PASSWORD, "old")
    assert (verdicts(waiting)[2], waiting.is_done) == (Verdict.UNREACHED, False)
    assert change_to(home, SecretKind.PASSWORD, "old", without_unreached=True).is_done


def test_machine_with_a_secret_of_its_own_proves_nothing(home: Home, fleet: tuple[Machine, Machine]) -> None:
    """It is not asked; where all have their own, nothing can prove the new one."""
    for machine in fleet:
        keep_secret(home, machine_entry(machine, SecretKind.PASSWORD), Secret("own"), SecretPlace.KEYRING)
    with pytest.raises(BadInput, match="nothing can prove it"):
        change_to(home, SecretKind.PASSWORD, "old")


@pytest.mark.usefixtures("fleet")
def test_new_key_takes_the_place_of_the_old_once_it_lets_in(
    home: Home, doors: tuple[Door, Door], tmp_path: Path
) -> None:
    """By that key alone: the password that would let in as well is not used."""
    key = make_key(tmp_path / "key-2027")
    profile = replace(find_profile(home, "web"), key_file=str(key))
    change = Change(profile, SecretKind.PASSPHRASE)
    refused = asyncio.run(rotate(home, change))
    assert verdicts(refused) == [Verdict.REFUSED, Verdict.REFUSED]
    assert find_profile(home, "web").key_file is None

    for door in doors:
        door.authorize(key.with_suffix(".pub"))
    assert asyncio.run(rotate(home, change)).is_done
    assert find_profile(home, "web").key_file == str(key)
    with opened(home.state_file) as connection:
        newest = Audit(connection).list_entries(1)[0]
    assert (newest.action, newest.target) == ("profile.rotate", "web")
    assert str(key) in (newest.after or "")
