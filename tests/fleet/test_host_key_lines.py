"""Public host keys: only whole and strong ones are relied on, and fingerprints are OpenSSH's own."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import BadInput
from fleet.host_key_lines import check_host_key, describe_key, fingerprint

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
# ssh-keygen -lf of that key.
ED25519_FINGERPRINT = "SHA256:CeEjj279cP0+W68LSMDH7W1rHZIus1INQTNalGEG3wM"


def packed(*fields: bytes) -> str:
    """Base64 of the strings of which a key consists."""
    return base64.b64encode(b"".join(len(field).to_bytes(4, "big") + field for field in fields)).decode()


def rsa(bits: int) -> str:
    modulus = b"\x00" + (1 << (bits - 1)).to_bytes(bits // 8, "big")
    return f"ssh-rsa {packed(b'ssh-rsa', (65537).to_bytes(3, 'big'), modulus)}"


def test_comment_is_left_out() -> None:
    """What stands after the key is anybody's words."""
    assert check_host_key(f"{ED25519} root@web-01 $(reboot)") == ED25519


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        f"ssh-rsa {ED25519.split()[1]}",
        f"@cert-authority * {ED25519}",
        f"{ED25519}\nevil {ED25519}",
        f"ssh-ed25519 {packed(b'ssh-ed25519', b'x' * 31)}",
        f"ssh-ed25519 {packed(b'ssh-ed25519', b'x' * 32, b'more')}",
        f"ssh-dss {packed(b'ssh-dss', b'p', b'q', b'g', b'y')}",
        f"ecdsa-sha2-nistp256 {packed(b'ecdsa-sha2-nistp256', b'nistp384', b'x' * 65)}",
        f"ecdsa-sha2-nistp256 {packed(b'ecdsa-sha2-nistp256', b'nistp256', b'x' * 64)}",
        rsa(1024),
    ],
)
def test_what_is_no_whole_and_strong_key_is_refused(text: str) -> None:
    """A key of another kind, size or name than it says is none."""
    with pytest.raises(BadInput):
        check_host_key(text)


@pytest.mark.parametrize(
    "text", [rsa(2048), f"ecdsa-sha2-nistp521 {packed(b'ecdsa-sha2-nistp521', b'nistp521', b'x' * 133)}"]
)
def test_rsa_and_ecdsa_are_taken(text: str) -> None:
    """All kinds that OpenSSH still makes."""
    assert check_host_key(text) == text


@given(st.text(max_size=200))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    """Whatever comes in, nothing but a refusal comes out of it."""
    with suppress(BadInput):
        assert check_host_key(text) in text


@given(st.binary(max_size=120))
def test_any_bytes_of_a_key_are_read_or_refused(raw: bytes) -> None:
    """Lengths inside a key may lie."""
    blob = base64.b64encode((11).to_bytes(4, "big") + b"ssh-ed25519" + raw).decode()
    with suppress(BadInput):
        assert check_host_key(f"ssh-ed25519 {blob}") == f"ssh-ed25519 {blob}"
        assert len(raw) == 4 + 32


def test_fingerprint_is_that_of_openssh() -> None:
    """The form in which an administrator compares it."""
    assert fingerprint(ED25519) == ED25519_FINGERPRINT
    assert describe_key(ED25519) == f"ssh-ed25519 {ED25519_FINGERPRINT}"


def test_what_others_stored_as_a_key_has_no_fingerprint() -> None:
    """A line that holds no key is shown as such."""
    assert fingerprint("nonsense") == "(not a key)"
