"""Secrets in encrypted files: behind a passphrase, an identity of age or an SSH key, unlocked without anybody there."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyrage import x25519

from collectors.secrets import Secret, SecretUnavailable
from fleet.errors import BadInput
from ops.credentials.identities import parse_identities, recipients_of, seal_identity
from ops.credentials.session import IDENTITY_CREDENTIAL, PASSPHRASE_CREDENTIAL, SecretSession
from ops.home import Home
from tests.ops.credentials.door import make_key

ENTRY = "profile:1:password"


@dataclass(frozen=True)
class Sealed:
    """An identity, behind the passphrase "open", and its recipient."""

    identity: str
    text: str
    recipient: str


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    """One for all tests: sealing it takes a second."""
    identity = x25519.Identity.generate()
    return Sealed(str(identity), seal_identity(Secret(str(identity)), Secret("open")), str(identity.to_public()))


@pytest.fixture
def behind_passphrase(home: Home, sealed: Sealed) -> Callable[[], SecretSession]:
    """Makes sessions over a home that keeps one secret behind a passphrase."""
    first = SecretSession(home)
    first.vault.make([sealed.recipient], sealed.text)
    first.vault.put(ENTRY, Secret("hunter2"))
    return lambda: SecretSession(home)


def found(session: SecretSession) -> str:
    secret = session.vault.find(ENTRY, session.unlock())
    assert secret is not None
    return secret.reveal()


def test_passphrase_unlocks_once_for_the_session(behind_passphrase: Callable[[], SecretSession], home: Home) -> None:
    """Until then nothing is found; a wrong one is refused; nothing readable lies in the folder, for nobody else."""
    session = behind_passphrase()
    assert session.needs_passphrase()
    with pytest.raises(SecretUnavailable, match="locked"):
        session.unlock()
    session.give_passphrase(Secret("shut"))
    for _ in range(2):
        with pytest.raises(SecretUnavailable, match="does not open"):
            session.unlock()
    session.give_passphrase(Secret("open"))
    assert found(session) == "hunter2"
    assert session.unlock() is session.unlock()
    for path in (home.secrets_dir, *home.secrets_dir.iterdir()):
        assert path.stat().st_mode & 0o077 == 0
        assert path.is_dir() or b"hunter2" not in path.read_bytes()


def test_systemd_credential_unlocks_without_anybody(
    behind_passphrase: Callable[[], SecretSession], sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As LoadCredential= gives it to the service: a passphrase, or an identity."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / PASSPHRASE_CREDENTIAL).write_text("open\n")
    session = behind_passphrase()
    assert not session.needs_passphrase()
    assert found(session) == "hunter2"
    (tmp_path / PASSPHRASE_CREDENTIAL).unlink()
    (tmp_path / IDENTITY_CREDENTIAL).write_text(sealed.identity)
    assert found(behind_passphrase()) == "hunter2"


def test_command_unlocks_without_anybody(behind_passphrase: Callable[[], SecretSession], home: Home) -> None:
    """Its first line is the passphrase; one that fails is told by its name."""
    home.config_file.write_text(f'[secrets]\nunlock_command = ["{sys.executable}", "-c", "print(\'open\')"]\n')
    assert found(behind_passphrase()) == "hunter2"
    home.config_file.write_text('[secrets]\nunlock_command = ["false"]\n')
    with pytest.raises(SecretUnavailable, match="'false' exited 1"):
        behind_passphrase().unlock()


def test_own_identity_and_ssh_key_unlock(home: Home, tmp_path: Path) -> None:
    """An identity file of age, and an SSH private key, with no passphrase in the home at all."""
    age = tmp_path / "key.txt"
    age.write_text(f"# created: today\n{x25519.Identity.generate()}\n")
    ssh = make_key(tmp_path / "ssh")
    own = recipients_of(Secret(age.read_text()), "key.txt", [])
    SecretSession(home).vault.make([*own, (tmp_path / "ssh.pub").read_text()])
    SecretSession(home).vault.put(ENTRY, Secret("hunter2"))
    for path in (age, ssh):
        home.config_file.write_text(f'[secrets]\nidentity_file = "{path}"\n')
        assert found(SecretSession(home)) == "hunter2"
    other = make_key(tmp_path / "other")
    home.config_file.write_text(f'[secrets]\nidentity_file = "{other}"\n')
    with pytest.raises(SecretUnavailable, match="cannot be decrypted"):
        found(SecretSession(home))


def test_new_passphrase_opens_what_was_kept_before(
    behind_passphrase: Callable[[], SecretSession], sealed: Sealed
) -> None:
    """The secrets themselves stay as they are."""
    session = behind_passphrase()
    session.vault.replace_identity(seal_identity(Secret(sealed.identity), Secret("sesame")))
    session.give_passphrase(Secret("sesame"))
    assert found(session) == "hunter2"


def test_folder_that_others_can_enter_is_not_used(
    behind_passphrase: Callable[[], SecretSession], sealed: Sealed, home: Home
) -> None:
    """Neither read nor written, whether its mode is wide or it is a link to somewhere else."""
    session, identities = behind_passphrase(), parse_identities(Secret(sealed.identity), "the test")
    home.secrets_dir.chmod(0o750)
    with pytest.raises(SecretUnavailable, match="owner's alone"):
        session.vault.find(ENTRY, identities)
    with pytest.raises(SecretUnavailable, match="owner's alone"):
        session.vault.put(ENTRY, Secret("x"))
    home.secrets_dir.chmod(0o700)
    home.secrets_dir.rename(home.path / "elsewhere")
    home.secrets_dir.symlink_to(home.path / "elsewhere")
    with pytest.raises(SecretUnavailable, match="no folder of its own"):
        session.vault.find(ENTRY, identities)


def test_moved_or_damaged_secrets_are_noticed(
    behind_passphrase: Callable[[], SecretSession], sealed: Sealed, home: Home
) -> None:
    """A file in the place of another, and one that was cut."""
    session, identities = behind_passphrase(), parse_identities(Secret(sealed.identity), "the test")
    kept = home.secrets_dir / f"{ENTRY}.age"
    other = home.secrets_dir / "profile:2:password.age"
    other.write_bytes(kept.read_bytes())
    with pytest.raises(SecretUnavailable, match="it was moved there"):
        session.vault.find("profile:2:password", identities)
    kept.write_bytes(kept.read_bytes()[:120])
    with pytest.raises(SecretUnavailable, match="damaged"):
        session.vault.find(ENTRY, identities)


def test_vault_is_made_once_and_for_somebody(home: Home) -> None:
    """Nothing is put where there is no vault; recipients must be ones."""
    vault = SecretSession(home).vault
    with pytest.raises(BadInput, match="secrets init"):
        vault.put(ENTRY, Secret("x"))
    for recipients in ([], ["age1nonsense"], ["# only a comment"]):
        with pytest.raises(BadInput):
            vault.make(recipients)
    with pytest.raises(BadInput):
        vault.has("../../etc/passwd")
