"""Ranges of addresses that are to be probed."""

import pytest

from fleet.errors import BadInput
from fleet.importing.ranges import parse_ports, parse_targets


def test_ranges_name_their_addresses_once() -> None:
    """Networks without their own address and broadcast; short and long ranges; names."""
    found = parse_targets(["10.0.0.0/30", "10.0.0.2-4", "10.0.1.254-10.0.2.0", "2001:db8::/126", "db-1.example.org"])
    assert [target.address for target in found] == [
        *("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.1.254", "10.0.1.255", "10.0.2.0"),
        *("2001:db8::1", "2001:db8::2", "2001:db8::3", "db-1.example.org"),
    ]
    assert found[0].named == "10.0.0.0/30"


@pytest.mark.parametrize(
    "text",
    ["10.0.0.0/8", "::/0", "10.0.0.9-3", "10.0.0.1-x", "224.0.0.0/24", "0.0.0.0", "10.0.0.0/33", "http://x", "a b", ""],
)
def test_range_that_nobody_means_is_refused(text: str) -> None:
    """Too large, backwards, no single machines, or no range at all."""
    with pytest.raises(BadInput):
        parse_targets([text])


def test_ranges_are_bounded_together() -> None:
    """Many small ones are as large as a large one."""
    with pytest.raises(BadInput, match="65,536"):
        parse_targets([f"10.{number}.0.0/17" for number in range(3)])


def test_ports_are_few() -> None:
    """Each once."""
    assert parse_ports("22, 2222,22") == (22, 2222)
    for text in ("", "0", "70000", "ssh", ",".join(map(str, range(1, 30)))):
        with pytest.raises(BadInput):
            parse_ports(text)
