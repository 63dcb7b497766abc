"""Host keys over SSH: verified strictly, unknown apart from changed, fetched to be accepted."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collectors.host_keys import add_known_host, fetch_host_key
from collectors.transports.base import TransportFailed
from collectors.transports.ssh_known_hosts import KnownHosts
from fleet.failures import Failure, FailureKind


async def failure_of(ssh: Any, machine: Any) -> Failure:
    with pytest.raises(TransportFailed) as caught:
        await ssh.run(machine)
    return caught.value.failure


def keygen(*arguments: str) -> str:
    return subprocess.run(["ssh-keygen", *arguments], check=True, capture_output=True, text=True).stdout


def fingerprint(public_key: Path) -> str:
    return keygen("-l", "-f", str(public_key)).split()[1]


def untrusted(ssh: Any, sshd: Any) -> Any:
    return ssh.machine(sshd.port, key_file=str(sshd.user_key))


def name_of(sshd: Any) -> str:
    return f"[127.0.0.1]:{sshd.port}"


async def test_a_machine_is_known_by_the_key_that_it_proved_to_have(ssh: Any, sshd: Any) -> None:
    """As OpenSSH prints it: clones that share one are found by it."""
    ssh.trust(f"{name_of(sshd)} {sshd.host_key_line}\n")
    assert (await ssh.run(untrusted(ssh, sshd))).host_key == fingerprint(sshd.folder / "host_key.pub")


async def test_unknown_key_shows_its_fingerprint(ssh: Any, sshd: Any) -> None:
    """A host that nobody knows is not connected to; the failure has OpenSSH's fingerprint and the remedy."""
    failure = await failure_of(ssh, untrusted(ssh, sshd))
    assert failure.kind is FailureKind.HOST_KEY_UNKNOWN
    assert fingerprint(sshd.folder / "host_key.pub") in failure.came_back
    assert "patchdeck machines accept-key web-01" in failure.remedy


async def test_changed_key_is_an_alarm_with_both_fingerprints(ssh: Any, sshd: Any, start_sshd: Any) -> None:
    """A host that shows another key than the known one is told apart, with both."""
    other = start_sshd()
    ssh.trust(f"{name_of(sshd)} {other.host_key_line}\n")
    failure = await failure_of(ssh, untrusted(ssh, sshd))
    assert failure.kind is FailureKind.HOST_KEY_CHANGED
    assert fingerprint(sshd.folder / "host_key.pub") in failure.came_back
    assert fingerprint(other.folder / "host_key.pub") in failure.came_back


async def test_key_of_another_kind_is_changed(ssh: Any, sshd: Any, tmp_path: Path) -> None:
    """A host that no longer has a key of the known kind is changed, not without common algorithms."""
    keygen("-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(tmp_path / "rsa"))
    ssh.trust(f"{name_of(sshd)} {(tmp_path / 'rsa.pub').read_text()}")
    assert (await failure_of(ssh, untrusted(ssh, sshd))).kind is FailureKind.HOST_KEY_CHANGED


async def test_known_kind_is_asked_for_first(ssh: Any, start_sshd: Callable[..., Any], tmp_path: Path) -> None:
    """A host with several keys is asked for the kind that is known."""
    keygen("-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(tmp_path / "rsa"))
    sshd = start_sshd(f"HostKey {tmp_path}/rsa")
    ssh.trust(f"{name_of(sshd)} {(tmp_path / 'rsa.pub').read_text()}")
    assert (await ssh.run(untrusted(ssh, sshd))).stdout == b"hello\n"


async def test_hashed_entry_is_found(ssh: Any, sshd: Any) -> None:
    """A known_hosts file whose names are hashed works as any."""
    ssh.trust(sshd.known_hosts())
    keygen("-H", "-f", str(ssh.home_known_hosts))
    assert "127.0.0.1" not in ssh.home_known_hosts.read_text()
    assert (await ssh.run(untrusted(ssh, sshd))).stdout == b"hello\n"


async def test_revoked_key_is_refused_though_known(ssh: Any, sshd: Any) -> None:
    """A key that is marked @revoked is an alarm, whatever else is known, and is not to be accepted."""
    ssh.trust(f"@revoked * {sshd.host_key_line}\n{sshd.known_hosts()}")
    failure = await failure_of(ssh, untrusted(ssh, sshd))
    assert failure.kind is FailureKind.HOST_KEY_CHANGED
    assert "revoked" in failure.came_back
    assert "accept-key" not in failure.remedy


@pytest.fixture
def certified(start_sshd: Callable[..., Any], tmp_path: Path) -> Callable[[str], Any]:
    """Starts an sshd whose host key is certified by an authority, ``tmp_path/ca``, for a name."""

    def start(name: str) -> Any:
        keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "ca"))
        keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "host"))
        keygen("-q", "-s", str(tmp_path / "ca"), "-I", "host", "-h", "-n", name, str(tmp_path / "host.pub"))
        return start_sshd(f"HostKey {tmp_path}/host", f"HostCertificate {tmp_path}/host-cert.pub")

    return start


async def test_certificate_of_a_known_authority_is_trusted(
    ssh: Any, certified: Callable[[str], Any], tmp_path: Path
) -> None:
    """A host that nobody noted is trusted by its certificate; the key in it is told, as that of any other is."""
    sshd = certified("127.0.0.1")
    ssh.trust(f"@cert-authority {name_of(sshd)} {(tmp_path / 'ca.pub').read_text()}")
    result = await ssh.run(untrusted(ssh, sshd))
    assert (result.stdout, result.host_key) == (b"hello\n", fingerprint(tmp_path / "host.pub"))


async def test_certificate_for_another_name_is_refused(
    ssh: Any, certified: Callable[[str], Any], tmp_path: Path
) -> None:
    """A certificate that was made for another host does not count."""
    sshd = certified("another.example")
    ssh.trust(f"@cert-authority * {(tmp_path / 'ca.pub').read_text()}")
    failure = await failure_of(ssh, untrusted(ssh, sshd))
    assert failure.kind is FailureKind.HOST_KEY_UNKNOWN
    assert "certificate" in failure.came_back


async def test_key_of_the_plain_port_is_believed_but_is_no_alarm(ssh: Any, sshd: Any, start_sshd: Any) -> None:
    """A key noted for the host without its port is trusted; another one there does not make this one changed."""
    ssh.trust(f"127.0.0.1 {start_sshd().host_key_line}\n")
    assert (await failure_of(ssh, untrusted(ssh, sshd))).kind is FailureKind.HOST_KEY_UNKNOWN
    ssh.trust(f"127.0.0.1 {sshd.host_key_line}\n")
    assert (await ssh.run(untrusted(ssh, sshd))).stdout == b"hello\n"


async def test_accepted_key_replaces_what_openssh_knows(ssh: Any, sshd: Any, start_sshd: Any) -> None:
    """The home decides: an older key in ~/.ssh/known_hosts is not believed any more."""
    (Path.home() / ".ssh" / "known_hosts").write_text(f"{name_of(sshd)} {start_sshd().host_key_line}\n")
    assert (await failure_of(ssh, untrusted(ssh, sshd))).kind is FailureKind.HOST_KEY_CHANGED
    machine = untrusted(ssh, sshd)
    key = await fetch_host_key(machine, ssh=await ssh.context(), deadline_seconds=20.0)
    add_known_host(ssh.home_known_hosts, key)
    assert (await ssh.run(machine)).stdout == b"hello\n"


async def test_fetched_key_is_what_openssh_shows(ssh: Any, sshd: Any) -> None:
    """Name, kind and fingerprint are those of OpenSSH; nobody logs in for it."""
    before = sshd.log.count("Accepted")
    key = await fetch_host_key(ssh.machine(sshd.port), ssh=await ssh.context(), deadline_seconds=20.0)
    assert (key.host, key.port, key.algorithm) == ("127.0.0.1", sshd.port, "ssh-ed25519")
    assert key.public_line == sshd.host_key_line
    assert key.fingerprint == fingerprint(sshd.folder / "host_key.pub")
    assert sshd.log.count("Accepted") == before


async def test_key_is_fetched_through_the_jump_host(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """A machine behind a jump host is asked through it."""
    gate, inner = start_sshd(), start_sshd()
    ssh.trust(gate.known_hosts())
    (Path.home() / ".ssh" / "id_ed25519").write_bytes(gate.user_key.read_bytes())
    machine = ssh.machine(inner.port, proxy_jump=f"root@127.0.0.1:{gate.port}")
    key = await fetch_host_key(machine, ssh=await ssh.context(), deadline_seconds=20.0)
    assert key.public_line == inner.host_key_line
    assert "Accepted publickey" in gate.log


async def test_fetch_from_a_machine_that_is_not_there_fails_as_a_run(ssh: Any, serve: Any) -> None:
    """Fetching has the same failures as running."""

    async def close(_reader: object, _writer: object) -> None:
        return

    with pytest.raises(TransportFailed) as caught:
        await fetch_host_key(ssh.machine(await serve(close)), ssh=await ssh.context(), deadline_seconds=20.0)
    assert caught.value.failure.kind is FailureKind.NO_BANNER


def test_unreadable_lines_give_no_trust_and_cost_nobody_theirs(ssh: Any, sshd: Any) -> None:
    """A damaged line is skipped: it trusts nobody, and the lines around it still count."""
    ssh.trust(f"garbage\n@what * ssh-ed25519 AAAA\n|1|bad|bad= ssh-rsa AAAA\n\udcff\n{sshd.known_hosts()}")
    known = KnownHosts([ssh.home_known_hosts])
    assert len(known.find("127.0.0.1", sshd.port).trusted) == 1
    assert known.find("192.0.2.1", 22).trusted == ()


def test_revoked_in_a_later_file_counts(ssh: Any, sshd: Any, tmp_path: Path) -> None:
    """A file that is believed last can still revoke what the first one trusts."""
    ssh.trust(sshd.known_hosts())
    (tmp_path / "later").write_text(f"@revoked {name_of(sshd)} {sshd.host_key_line}\n")
    keys = KnownHosts([ssh.home_known_hosts, tmp_path / "later"]).find("127.0.0.1", sshd.port)
    assert keys.trusted == keys.revoked


async def test_certificate_of_another_authority_shows_both(
    ssh: Any, certified: Callable[[str], Any], tmp_path: Path
) -> None:
    """Whom the host trusts, whom we trust, and what the certificate says of itself."""
    sshd = certified("127.0.0.1")
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other"))
    ssh.trust(f"@cert-authority * {(tmp_path / 'other.pub').read_text()}")
    failure = await failure_of(ssh, untrusted(ssh, sshd))
    assert failure.kind is FailureKind.HOST_KEY_UNKNOWN
    assert fingerprint(tmp_path / "ca.pub") in failure.came_back
    assert fingerprint(tmp_path / "other.pub") in failure.came_back
    assert "'host' for 127.0.0.1" in failure.came_back
    assert "trust-ca" in failure.remedy


async def test_accepted_key_is_believed_whatever_certificate_it_comes_with(
    ssh: Any, certified: Callable[[str], Any], tmp_path: Path
) -> None:
    """As with OpenSSH: else accepting the key of such a host would have no effect. Revoked, it is not."""
    sshd = certified("another.example")
    key = (tmp_path / "host.pub").read_text()
    ssh.trust(f"@cert-authority * {(tmp_path / 'ca.pub').read_text()}{name_of(sshd)} {key}")
    assert (await ssh.run(untrusted(ssh, sshd))).stdout == b"hello\n"
    ssh.trust(f"@revoked * {key}")
    assert "revoked" in (await failure_of(ssh, untrusted(ssh, sshd))).came_back


async def test_revoked_authority_certifies_nobody(ssh: Any, certified: Callable[[str], Any], tmp_path: Path) -> None:
    """Though another line trusts it."""
    sshd = certified("127.0.0.1")
    ca = (tmp_path / "ca.pub").read_text()
    ssh.trust(f"@cert-authority * {ca}@revoked * {ca}")
    failure = await failure_of(ssh, untrusted(ssh, sshd))
    assert failure.kind is FailureKind.HOST_KEY_CHANGED
    assert "revoked" in failure.came_back


@pytest.mark.parametrize(("validity", "told"), [("-2h:-1h", "expired on"), ("+1h:+2h", "not valid before")])
async def test_certificate_out_of_its_time_is_told_with_it(
    ssh: Any, start_sshd: Callable[..., Any], tmp_path: Path, validity: str, told: str
) -> None:
    """Expired, or not valid yet: when, and whom it is for."""
    for name in ("ca", "host"):
        keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name))
    keygen("-q", "-s", str(tmp_path / "ca"), "-I", "h", "-h", "-n", "127.0.0.1", "-V", validity, f"{tmp_path}/host.pub")
    sshd = start_sshd(f"HostKey {tmp_path}/host", f"HostCertificate {tmp_path}/host-cert.pub")
    ssh.trust(f"@cert-authority * {(tmp_path / 'ca.pub').read_text()}")
    failure = await failure_of(ssh, untrusted(ssh, sshd))
    assert failure.kind is FailureKind.HOST_KEY_UNKNOWN
    assert told in failure.came_back
    assert "for 127.0.0.1" in failure.came_back


async def test_authority_for_all_hides_no_key_that_openssh_knows(ssh: Any, sshd: Any, tmp_path: Path) -> None:
    """A host without a certificate is still known by ~/.ssh/known_hosts, though the home trusts a CA for all."""
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "ca"))
    ssh.trust(f"@cert-authority * {(tmp_path / 'ca.pub').read_text()}")
    assert "without a certificate" in (await failure_of(ssh, untrusted(ssh, sshd))).came_back
    (Path.home() / ".ssh" / "known_hosts").write_text(sshd.known_hosts())
    assert (await ssh.run(untrusted(ssh, sshd))).stdout == b"hello\n"


def test_a_pipe_in_the_place_of_a_file_is_refused_at_once(tmp_path: Path) -> None:
    """It would be waited for without an end; /dev/null, which people put there, knows nobody."""
    pipe = tmp_path / "known_hosts"
    os.mkfifo(pipe)

    assert KnownHosts([Path("/dev/null")]).find("db-01", 22).trusted == ()
    with pytest.raises(OSError, match="no regular file"):
        KnownHosts([pipe])
