"""Logins over SSH: names, keys, and who is whom."""

import base64

import pytest

from fleet.errors import BadInput
from fleet.roles import Role
from fleet.ssh_logins import LoginKey, check_login_name, login_number, named_by, read_public_key, with_key


def line(fill: int, algorithm: str = "ssh-ed25519") -> str:
    """A key of that algorithm, as in a .pub file."""
    name = algorithm.encode()
    raw = len(name).to_bytes(4, "big") + name + (32).to_bytes(4, "big") + bytes([fill]) * 32
    return f"{algorithm} {base64.b64encode(raw).decode()}"


ANNA = LoginKey("anna", Role.OPERATOR, line(1))


def test_public_key_is_read_with_its_comment() -> None:
    """As ssh-keygen writes it, with what is around it."""
    assert read_public_key(f"# mine\n\n{line(1)} anna at her laptop\n") == (line(1), "anna at her laptop")
    assert read_public_key(line(2, "sk-ssh-ed25519@openssh.com"))[1] == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----",
        f"{line(1)}\n{line(2)}",
        f'command="sh" {line(1)}',
        "ssh-dss AAAAB3NzaC1kc3M=",
        "ssh-ed25519 AAAA",
        f"sk-ssh-ed25519@openssh.com {line(1).split()[1]}",
    ],
)
def test_what_is_no_single_public_key_is_refused(text: str) -> None:
    """Private keys, several, options, weak kinds, and keys that call themselves something else."""
    with pytest.raises(BadInput):
        read_public_key(text)


@pytest.mark.parametrize("name", ["", "a b", "ssh:anna", "anna)", "-x", "a" * 33, "än", "a\n"])
def test_name_that_could_be_taken_for_something_else_is_refused(name: str) -> None:
    """No name can look like another user's in the audit."""
    with pytest.raises(BadInput):
        check_login_name(name)


def test_person_is_the_same_whatever_the_case_and_never_a_unix_user() -> None:
    """Numbers of logins lie above those of users."""
    assert login_number("Anna") == login_number("anna") != login_number("ben")
    assert login_number("root") >= 2**32


def test_one_person_has_one_role_and_a_key_one_owner() -> None:
    """A second key is one's own; another role, another spelling and another's key are refused."""
    keys = with_key([ANNA], LoginKey("anna", Role.OPERATOR, line(2)))
    for new in (
        LoginKey("anna", Role.ADMIN, line(3)),
        LoginKey("Anna", Role.OPERATOR, line(3)),
        LoginKey("ben", Role.VIEWER, line(2)),
    ):
        with pytest.raises(BadInput):
            with_key(keys, new)
    assert named_by(keys, "ANNA") == keys
    assert named_by(keys, keys[1].fingerprint) == keys[1:]
