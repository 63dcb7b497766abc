"""Secrets in encrypted files: behind a passphrase, an identity of age or an SSH key, unlocked without anybody there."""

import os
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyrage import x25519

from collectors.secrets import Secret, SecretUnavailable
from fleet.errors import BadInput
from ops.credentials.identities import parse_identities, recipients_of, require_pair, seal_identity
from ops.credentials.session import IDENTITY_CREDENTIAL, PASSPHRASE_CREDENTIAL, SecretSession, session_of, tell_locked
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


def test_identity_that_would_not_open_the_vault_is_refused_before_it_is_made(sealed: Sealed, tmp_path: Path) -> None:
    """Else everything could be put in, and nothing ever read."""
    locked, plain = make_key(tmp_path / "locked", "-N", "secret"), make_key(tmp_path / "plain")
    own = Path(f"{plain}.pub").read_text().strip()
    require_pair(plain, [own])
    with pytest.raises(SecretUnavailable, match="has a passphrase"):
        require_pair(locked, [own])
    with pytest.raises(SecretUnavailable, match="does not open what is encrypted to age1"):
        require_pair(plain, [sealed.recipient])


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


def test_lost_recipients_do_not_cost_the_secrets(
    behind_passphrase: Callable[[], SecretSession], sealed: Sealed, home: Home
) -> None:
    """Making the vault anew would put another identity in the place of theirs: that is refused."""
    vault = behind_passphrase().vault
    recipients = home.secrets_dir / "recipients"
    kept = recipients.read_text()
    recipients.write_bytes(b"\x00\xff\n")
    with pytest.raises(SecretUnavailable, match="recipients is damaged"):
        vault.put(ENTRY, Secret("x"))
    recipients.unlink()
    with pytest.raises(BadInput, match="holds 1 secrets, and its file 'recipients' is gone"):
        vault.make([sealed.recipient], "another identity")
    assert (home.secrets_dir / "identity.age").read_text() == sealed.text
    recipients.write_text(kept)
    vault.put(ENTRY, Secret("x"))


def test_of_two_that_make_it_at_once_one_does(home: Home) -> None:
    """The identity of one never lies beside the recipients of the other."""
    identities = [str(x25519.Identity.generate().to_public()) for _ in range(8)]
    vaults = [SecretSession(home).vault for _ in identities]

    def make(number: int) -> bool:
        try:
            vaults[number].make([identities[number]], f"identity of {identities[number]}")
        except BadInput:
            return False
        return True

    with ThreadPoolExecutor(len(identities)) as pool:
        assert sum(pool.map(make, range(len(identities)))) == 1
    recipient = (home.secrets_dir / "recipients").read_text().strip()
    assert (home.secrets_dir / "identity.age").read_text() == f"identity of {recipient}"


def test_what_is_no_file_is_told_at_once(
    behind_passphrase: Callable[[], SecretSession], sealed: Sealed, home: Home
) -> None:
    """A pipe without a writer would be waited for for ever; and a bad folder is told before it is read."""
    session, identities = behind_passphrase(), parse_identities(Secret(sealed.identity), "the test")
    kept = home.secrets_dir / f"{ENTRY}.age"
    kept.unlink()
    os.mkfifo(kept)
    with pytest.raises(SecretUnavailable, match="no regular file"):
        session.vault.find(ENTRY, identities)
    kept.unlink()
    kept.mkdir()
    with pytest.raises(SecretUnavailable, match="Is a directory"):
        session.vault.find(ENTRY, identities)
    home.secrets_dir.chmod(0o755)
    assert session.standing()[0] is False
    assert "owner's alone" in session.standing()[1]


def test_crash_writes_no_memory_to_the_disk(home: Home) -> None:
    """From the first question for a secret on, no core is dumped."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        session_of(home)
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


def test_service_that_starts_locked_is_told_of(home: Home, sealed: Sealed) -> None:
    """Where something is kept that only a passphrase opens, and nobody typed it."""
    session = session_of(home)
    session.vault.make([sealed.recipient], sealed.text)
    assert tell_locked(home) == ""
    session.vault.put(ENTRY, Secret("hunter2"))
    assert "are locked, and nobody typed the passphrase" in tell_locked(home)
    session.give_passphrase(Secret("open"))
    assert tell_locked(home) == ""
