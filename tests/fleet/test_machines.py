"""Names, addresses, ports and tags are checked at the door."""

import pytest

from fleet.errors import BadInput
from fleet.machines import check_address, check_name, check_port, check_user, parse_tag


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "2001:db8::1", "fe80::1%eth0", "web-01", "web-01.example.com", "web.example.com.", "a_b"]
)
def test_usable_addresses_are_taken_as_they_are(address: str) -> None:
    """IPv4, IPv6 and host names pass unchanged."""
    assert check_address(address) == address


@pytest.mark.parametrize(
    ("address", "mistake"),
    [
        ("", "expected"),
        ("192.0.2.300", "expected"),
        ("1.2.3", "expected"),
        ("web 01", "expected"),
        ("-web", "expected"),
        ("web..example", "expected"),
        ("web-01:22", "--port"),
        ("[2001:db8::1]:22", "--port"),
        ("admin@web-01", "--user"),
        ("ssh://web-01", "scheme"),
        ("web\n01", "expected"),
        ("web;reboot", "expected"),
        ("-oProxyCommand=id", "expected"),
        ("x" * 254, "expected"),
        ("m\u00fcnchen.example", "xn--mnchen-3ya.example"),
        ("m\u00fcnchen..example", "expected"),
        ("\u202ebew", "expected"),
    ],
)
def test_malformed_address_is_refused_with_its_mistake(address: str, mistake: str) -> None:
    """Each malformed address is refused in one line that names the mistake."""
    with pytest.raises(BadInput, match=mistake) as refused:
        check_address(address)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["web-01", "a", "WEB_01.example", "9front"])
def test_usable_names(name: str) -> None:
    """Letters, digits, dot, dash and underscore make a name."""
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "all", "-x", "a b", "tag:x", "web*", "x" * 129, "a/b", "ä", "a\n"])
def test_names_that_would_be_mistaken_for_targets_or_paths_are_refused(name: str) -> None:
    """A name is never a glob, a target's prefix, a path or an option."""
    with pytest.raises(BadInput):
        check_name(name)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_port_out_of_range_is_refused(port: int) -> None:
    """Ports lie between 1 and 65535."""
    with pytest.raises(BadInput):
        check_port(port)


@pytest.mark.parametrize("user", ["root", "admin.x", "svc-patch", "DOMAIN\\user", "machine$", "user@realm"])
def test_usable_users(user: str) -> None:
    """Unix, realm and domain users pass."""
    assert check_user(user) == user


@pytest.mark.parametrize("user", ["", "a b", "-l", "a;b", "a\n"])
def test_unusable_users_are_refused(user: str) -> None:
    """Nothing that could be an option or a second word is a user."""
    with pytest.raises(BadInput):
        check_user(user)


def test_tag_is_split_at_the_first_equals_sign() -> None:
    """A value may hold further equals signs."""
    assert parse_tag("env=a=b") == ("env", "a=b")


@pytest.mark.parametrize("tag", ["env", "=x", "env=", "e v=x", "env=\x1b[31m", "k=" + "x" * 257])
def test_unusable_tags_are_refused(tag: str) -> None:
    """A tag is key=value, short and printable."""
    with pytest.raises(BadInput):
        parse_tag(tag)


@pytest.mark.parametrize("text", ["0x7f.1", "web.1", "1.2.3", "fe80::1%a;b", "fe80::1%e\x1b", ""])
def test_what_a_resolver_may_take_for_something_else_is_no_address(text: str) -> None:
    """Numbers at the end are read as parts of IPv4 addresses, zones go into command lines and logs."""
    with pytest.raises(BadInput):
        check_address(text)


@pytest.mark.parametrize("text", ["fe80::1%eth0.10", "fe80::1%2", "web-1", "1and1.example"])
def test_zones_and_digits_in_names_are_addresses(text: str) -> None:
    """An IPv6 zone is the name or number of an interface."""
    assert check_address(text) == text
