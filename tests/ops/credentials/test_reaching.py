"""Real sshd reached with the credentials of profiles: passwords, keys, certificates, passphrases, sudo."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.secrets import Secret
from fleet.groups.group import Group
from fleet.machines import Become, Machine
from fleet.profiles import AgentUse, Profile, SecretKind, SecretOrigin, SecretPlace
from ops.credentials.book import add_profile, edit_profile, new_profile
from ops.credentials.finding import HomeSecrets
from ops.credentials.keeping import keep_secret, profile_entry
from ops.credentials.proving import Proof, Verdict, prove
from ops.enrolment import edit_machine
from ops.groups import define_group
from ops.home import Home
from tests.ops.credentials.door import USER, Door, make_key, run_quietly

Enrolled = Callable[..., Machine]
OpenDoor = Callable[..., Door]
RING = SecretOrigin(SecretPlace.KEYRING)


@pytest.fixture(scope="module")
def door(open_door: OpenDoor) -> Door:
    """One sshd for tests that change nothing on it but its keys."""
    return open_door()


def proof_of(home: Home, machine: Machine, *, sudo: bool = False) -> Proof:
    (proof,) = asyncio.run(prove(home, [machine], HomeSecrets(home), sudo=sudo))
    return proof


def keep(home: Home, profile: Profile, kind: SecretKind, text: str) -> None:
    keep_secret(home, profile_entry(profile, kind), Secret(text), SecretPlace.KEYRING)


def profile_for(home: Home, **values: object) -> Profile:
    profile = replace(new_profile("web"), user=USER, **values)  # type: ignore[arg-type]
    add_profile(home, profile)
    return profile


@pytest.mark.usefixtures("ring")
def test_password_of_a_profile_logs_in_and_gains_root(home: Home, door: Door, enrolled: Enrolled) -> None:
    """The user, both passwords and sudo are the profile's; a wrong password for sudo is told as that."""
    profile = profile_for(home, become=Become.SUDO, password=RING, become_password=RING)
    keep(home, profile, SecretKind.PASSWORD, door.password)
    keep(home, profile, SecretKind.BECOME, door.password)
    machine = enrolled("web-01", door, profile="web")
    assert proof_of(home, machine, sudo=True).verdict is Verdict.PROVEN

    keep(home, profile, SecretKind.BECOME, "wrong")
    refused = proof_of(home, machine, sudo=True)
    assert refused.verdict is Verdict.REFUSED
    assert "sudo does not take the password" in refused.text
    assert "wrong" not in refused.text


@pytest.mark.usefixtures("ring")
def test_secret_that_is_not_there_is_told_and_not_only_a_refusal(home: Home, door: Door, enrolled: Enrolled) -> None:
    """A profile says that its password is in the keyring, and it is not: the remedy is named."""
    profile_for(home, password=RING)
    proof = proof_of(home, enrolled("web-01", door, profile="web"))
    assert proof.verdict is Verdict.REFUSED
    assert "profiles set-secret web password" in proof.text


@pytest.mark.usefixtures("ring")
def test_encrypted_key_is_opened_by_the_passphrase_of_its_profile(
    home: Home, door: Door, enrolled: Enrolled, tmp_path: Path
) -> None:
    """With the right passphrase it logs in; with a wrong one nothing is sent, and that is said."""
    key = make_key(tmp_path / "key", "-N", "open sesame")
    door.authorize(tmp_path / "key.pub")
    profile = profile_for(home, key_file=str(key), passphrase=RING)
    machine = enrolled("web-01", door, profile="web")
    keep(home, profile, SecretKind.PASSPHRASE, "wrong")
    refused = proof_of(home, machine)
    assert "passphrase does not open it" in refused.text

    keep(home, profile, SecretKind.PASSPHRASE, "open sesame")
    assert proof_of(home, machine).verdict is Verdict.PROVEN


@pytest.fixture(scope="module")
def authority(open_door: OpenDoor, tmp_path_factory: pytest.TempPathFactory) -> tuple[Door, Path]:
    """An sshd that lets in whoever a user authority certifies, and that authority's key."""
    ca = make_key(tmp_path_factory.mktemp("authority") / "ca")
    return open_door("Correct-Horse", f"TrustedUserCAKeys {ca}.pub"), ca


def certify(ca: Path, key: Path, principal: str, validity: str) -> Path:
    run_quietly("ssh-keygen", "-q", "-s", str(ca), "-I", "the-console", "-n", principal, "-V", validity, f"{key}.pub")
    return key.with_name(f"{key.name}-cert.pub")


def test_user_certificate_logs_in_and_an_expired_one_is_told(
    home: Home, authority: tuple[Door, Path], enrolled: Enrolled, tmp_path: Path
) -> None:
    """The certificate alone is what the server trusts: the bare key is not authorized there."""
    door, ca = authority
    key = make_key(tmp_path / "key")
    certificate = certify(ca, key, USER, "-1h:+1h").rename(tmp_path / "elsewhere-cert.pub")
    profile_for(home, key_file=str(key), certificate_file=str(certificate), agent=AgentUse.NEVER)
    machine = enrolled("web-01", door, profile="web")
    assert proof_of(home, machine).verdict is Verdict.PROVEN

    certify(ca, key, USER, "-2h:-1h").rename(certificate)
    expired = proof_of(home, machine)
    assert expired.verdict is Verdict.REFUSED
    assert "EXPIRED ON" in expired.text

    certify(ca, key, "somebody-else", "-1h:+1h").rename(certificate)
    assert "for somebody-else" in proof_of(home, machine).text


def test_certificate_for_another_key_is_refused_before_anything_is_sent(
    home: Home, authority: tuple[Door, Path], enrolled: Enrolled, tmp_path: Path
) -> None:
    """A mix-up of files is named; so is a certificate that is none."""
    door, ca = authority
    key, other = make_key(tmp_path / "key"), make_key(tmp_path / "other")
    certificate = certify(ca, other, USER, "-1h:+1h")
    profile_for(home, key_file=str(key), certificate_file=str(certificate))
    machine = enrolled("web-01", door, profile="web")
    assert "is for another key" in proof_of(home, machine).text
    certificate.write_text("nothing")
    assert "holds no certificate" in proof_of(home, machine).text


def test_groups_that_differ_stop_the_machine_with_both_names(home: Home, door: Door, enrolled: Enrolled) -> None:
    """Nothing is connected to; a profile of the machine's own settles it."""
    for name in ("one", "two"):
        add_profile(home, replace(new_profile(name), user=USER))
        define_group(home, Group(f"of-{name}", targets=("all",), profile=name))
    machine = enrolled("web-01", door)
    before = door.log.count("Connection from")
    proof = proof_of(home, machine)
    assert proof.verdict is Verdict.REFUSED
    assert "of-one names one, of-two names two" in proof.text
    assert door.log.count("Connection from") == before
    settled = edit_machine(home, "web-01", lambda old: replace(old, profile="two")).after
    assert "differ" not in proof_of(home, settled).text


@pytest.mark.usefixtures("ring")
def test_agent_is_left_alone_where_a_profile_says_never(
    home: Home, door: Door, enrolled: Enrolled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real ssh-agent has the right key: `also` and `only` use it, `never` does not."""
    key = make_key(tmp_path / "key")
    door.authorize(tmp_path / "key.pub")
    told = run_quietly("ssh-agent", "-s")
    values = dict(part.split("=", 1) for part in told.replace(";", "\n").split("\n") if "=" in part)
    monkeypatch.setenv("SSH_AUTH_SOCK", values["SSH_AUTH_SOCK"])
    monkeypatch.setenv("SSH_AGENT_PID", values["SSH_AGENT_PID"])
    try:
        run_quietly("ssh-add", "-q", str(key))
        profile_for(home, agent=AgentUse.ONLY)
        machine = enrolled("web-01", door, profile="web")
        verdicts = {}
        for use in AgentUse:
            edit_profile(home, "web", lambda old, use=use: replace(old, agent=use))  # type: ignore[misc]
            verdicts[use] = proof_of(home, machine).verdict
    finally:
        run_quietly("ssh-agent", "-k")
    assert verdicts == {
        AgentUse.ALSO: Verdict.PROVEN,
        AgentUse.ONLY: Verdict.PROVEN,
        AgentUse.NEVER: Verdict.REFUSED,
    }
