"""Source packages as dpkg tells them, by which trackers know what is installed."""

from collectors.managers.dpkg import parse_inventory
from collectors.sections import Section

# dpkg-query -W on Debian 12 with the format of probes/apt.sh.
PRINTED = b"""ii \tbash\tamd64\t5.2.15-2+b13\tbash 5.2.15-2
ii \tdmsetup\tamd64\t2:1.02.185-2\tlvm2 2.03.16-2
ii \tlibssl3\tamd64\t3.0.20-1~deb12u1\topenssl 3.0.20-1~deb12u1
ii \tlibgcc-s1\tamd64\t12.2.0-14+deb12u1\tgcc-12 12.2.0-14+deb12u1
ii \topenssl\tamd64\t3.0.20-1~deb12u1\topenssl 3.0.20-1~deb12u1
"""


def section(stdout: bytes) -> Section:
    return Section("dpkg-query", stdout, b"", 0)


def test_sources_are_kept_where_they_differ() -> None:
    """By name, by version, or by both; a package that was only built anew has the version of its source."""
    inventory = parse_inventory(section(PRINTED), "amd64")
    assert inventory.sources == {
        ("dmsetup", "amd64"): "lvm2 2.03.16-2",
        ("libssl3", "amd64"): "openssl",
        ("libgcc-s1", "amd64"): "gcc-12",
    }
    assert inventory.source_of(inventory.packages["bash", "amd64"]) == "bash"
    assert inventory.source_of(inventory.packages["dmsetup", "amd64"]) == "lvm2"


def test_an_answer_without_sources_is_read_too() -> None:
    """Then they are unknown: a package's own name is no answer."""
    inventory = parse_inventory(section(b"ii \topenssl\tamd64\t3.0.20-1~deb12u1\n"), "amd64")
    assert inventory.sources == {}
    assert inventory.source_of(inventory.packages["openssl", "amd64"]) == ""
