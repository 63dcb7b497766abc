"""The duty that says when the home's secrets stay locked."""

from pathlib import Path

import pytest
from pyrage import x25519

from collectors.secrets import Secret
from ops.config import load_settings
from ops.credentials.session import SecretSession
from ops.home import Home
from ops.service.unlocking import UnlockingDuty
from tests.ops.service.conftest import Console


@pytest.fixture
def identity(home: Home, tmp_path: Path) -> Path:
    """A home that keeps a secret behind a passphrase; gives a file that opens it, too."""
    found = x25519.Identity.generate()
    vault = SecretSession(home).vault
    vault.make([str(found.to_public())], "sealed with a passphrase")
    vault.put("profile:1:password", Secret("hunter2"))
    path = tmp_path / "identity"
    path.write_text(f"{found}\n")
    path.chmod(0o600)
    return path


async def _told(duty: UnlockingDuty, console: Console) -> list[str]:
    await duty.attend(console.look())
    return [trouble.text for trouble in duty.troubles()]


async def test_a_home_without_secrets_has_no_trouble(console: Console) -> None:
    """Nothing is kept: nothing is locked."""
    assert await _told(UnlockingDuty(console.post()), console) == []


async def test_secrets_that_nobody_unlocked_are_told(console: Console, identity: Path) -> None:
    """Until a setting opens them; without what they are."""
    duty = UnlockingDuty(console.post())
    (text,) = await _told(duty, console)
    assert "are locked (nobody typed the passphrase)" in text
    (console.home.config_file).write_text(f'[secrets]\nidentity_file = "{identity}"\n')
    console.settings = load_settings(console.home)
    assert await _told(duty, console) == []


async def test_what_does_not_open_them_is_told(console: Console, identity: Path) -> None:
    """With the reason."""
    identity.unlink()
    (console.home.config_file).write_text(f'[secrets]\nidentity_file = "{identity}"\n')
    console.settings = load_settings(console.home)
    (text,) = await _told(UnlockingDuty(console.post()), console)
    assert str(identity) in text
    assert "hunter2" not in text
