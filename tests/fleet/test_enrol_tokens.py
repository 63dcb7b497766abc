"""Tokens: how long, how often, from where, and for which machines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fleet.enrol_tokens import (
    EnrolToken,
    ReachBy,
    TokenState,
    check_allowed_tag,
    check_count,
    check_network,
    choose_address,
    doubts_of,
    hash_secret,
    parse_lifetime,
)
from fleet.errors import BadInput
from fleet.introductions import Introduction

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
TOKEN = EnrolToken("9c41d07e", NOW, "anna", NOW + timedelta(hours=1), hash_secret("secret"), KEY, count=2)
WEB = Introduction("secret", "web-01", addresses=("192.0.2.7",), host_keys=(KEY,))


def test_a_token_ends_by_its_time_its_count_or_an_act() -> None:
    """An act stands above time, time above count."""
    assert TOKEN.state(NOW) is TokenState.ACTIVE
    assert replace(TOKEN, used=2).state(NOW) is TokenState.USED_UP
    assert replace(TOKEN, used=2).state(NOW + timedelta(hours=1)) is TokenState.EXPIRED
    assert replace(TOKEN, revoked_at=NOW).state(NOW + timedelta(hours=2)) is TokenState.REVOKED


def test_only_the_secret_itself_is_known() -> None:
    """Not its hash, which the state holds."""
    assert TOKEN.knows("secret")
    assert not TOKEN.knows(TOKEN.secret_sha256)
    assert not TOKEN.knows("")


@pytest.mark.parametrize(
    ("networks", "came_from", "is_admitted"),
    [
        ((), "", True),
        ((), "203.0.113.9", True),
        (("192.0.2.0/24",), "192.0.2.7", True),
        (("192.0.2.0/24",), "::ffff:192.0.2.7", True),
        (("192.0.2.0/24",), "203.0.113.9", False),
        (("192.0.2.0/24", "2001:db8::/32"), "2001:db8::1", True),
        (("fe80::/10",), "fe80::1%eth0", True),
        (("0.0.0.0/0",), "2001:db8::1", False),
        (("192.0.2.0/24",), "", False),
        (("192.0.2.0/24",), "UNKNOWN", False),
    ],
)
def test_networks_are_a_limit(networks: tuple[str, ...], came_from: str, is_admitted: bool) -> None:
    """An address that is not known is in none of them; an IPv4 address in IPv6 is what it is."""
    assert replace(TOKEN, networks=networks).admits(came_from) is is_admitted


def test_names_and_tags_beyond_the_limits_are_doubted() -> None:
    """Each reason is named; the token's own tags may be said again, with their values."""
    token = replace(TOKEN, names=("web-*",), tags={"env": "prod"}, allowed_tags=("role=*", "site=ham"))
    fitting = replace(WEB, name="WEB-02", tags={"env": "prod", "role": "db", "site": "ham"})
    assert doubts_of(token, fitting) == ()
    doubts = doubts_of(token, replace(WEB, name="db-01", tags={"env": "test", "site": "ber", "admin": "yes"}))
    assert [doubt.split()[1] for doubt in doubts] == ["name", "tag", "tag", "tag"]


def test_a_machine_without_name_or_key_is_doubted() -> None:
    """It is not told from others, or could not be recognised."""
    assert len(doubts_of(TOKEN, replace(WEB, name="localhost", host_keys=()))) == 2


@pytest.mark.parametrize(
    ("reach_by", "said", "came_from", "address", "is_noted"),
    [
        (ReachBy.ADDRESS, WEB, "192.0.2.7", "192.0.2.7", False),
        (ReachBy.ADDRESS, WEB, "203.0.113.9", "192.0.2.7", True),
        (ReachBy.ADDRESS, replace(WEB, fqdn="web-01.example"), "203.0.113.9", "web-01.example", True),
        (ReachBy.ADDRESS, replace(WEB, addresses=()), "203.0.113.9", "203.0.113.9", False),
        (ReachBy.ADDRESS, WEB, "127.0.0.1", "127.0.0.1", False),
        (ReachBy.ADDRESS, WEB, "", "192.0.2.7", False),
        (ReachBy.FQDN, replace(WEB, fqdn="web-01.example"), "192.0.2.7", "web-01.example", False),
        (ReachBy.FQDN, WEB, "192.0.2.7", "192.0.2.7", False),
        (ReachBy.NAME, WEB, "192.0.2.7", "web-01", False),
    ],
)
def test_where_a_machine_is_reached(
    reach_by: ReachBy, said: Introduction, came_from: str, address: str, is_noted: bool
) -> None:
    """Where it came from, unless something in between translates addresses; then what it says, and a note."""
    chosen, note = choose_address(replace(TOKEN, reach_by=reach_by), said, came_from)
    assert (chosen, bool(note)) == (address, is_noted)


@pytest.mark.parametrize("text", ["", "0h", "24", "h", "-1h", "1.5h", "400d", "1w", "99999999d"])
def test_a_lifetime_is_bounded(text: str) -> None:
    """A token does not last for ever, and a slip is not an hour."""
    with pytest.raises(BadInput):
        parse_lifetime(text)


def test_lifetimes() -> None:
    """Minutes, hours and days."""
    assert [parse_lifetime(text) for text in ("30m", "24h", "7d")] == [
        timedelta(minutes=30),
        timedelta(hours=24),
        timedelta(days=7),
    ]


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_counts_are_bounded(count: int) -> None:
    """At least one machine, and not any number."""
    with pytest.raises(BadInput):
        check_count(count)


@pytest.mark.parametrize("text", ["10.0.0.1/24", "10.0.0.0/33", "web", "", '10.0.0.0/8",command="x'])
def test_networks_are_read_strictly(text: str) -> None:
    """Bits beyond the mask are a mistake, and nothing of it could end an option of authorized_keys."""
    with pytest.raises(BadInput):
        check_network(text)


@pytest.mark.parametrize("text", ["role", "=web", "role=", "role=\n"])
def test_allowed_tags_are_read_strictly(text: str) -> None:
    """A key and a glob."""
    with pytest.raises(BadInput):
        check_allowed_tag(text)
