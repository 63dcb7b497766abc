"""Settings of dnf that are more, or longer, than any machine's, or that are not what their file is for."""

import time

import pytest

from collectors.managers.dnf_settings import parse_settings
from collectors.sections import Section
from fleet.errors import UnreadableOutput

_TOML = "lock\t/etc/dnf/versionlock.toml\t"


def _section(text: str) -> Section:
    return Section("dnf-settings", text.encode(), b"", 0)


def test_locks_that_are_no_toml_are_told_as_unreadable() -> None:
    """What they lock is not known, which is not the same as that nothing is locked."""
    assert parse_settings(_section(f"{_TOML}zqx unheard of")).unreadable == ("/etc/dnf/versionlock.toml",)


@pytest.mark.parametrize(
    "text",
    [
        f"{_TOML}[[{'a.' * 25_000}a]]",
        "\n".join(["lock\t/etc/yum/pluginconf.d/versionlock.list\tbash-1-1.*"] * 1_001),
        f"excludepkgs\t/etc/dnf/dnf.conf\tmain\t{'a ' * 1_001}",
    ],
)
def test_what_would_cost_hours_is_refused(text: str) -> None:
    """Dotted keys cost the square of their length, patterns one try for each of them and each update."""
    started = time.process_time()

    with pytest.raises(UnreadableOutput):
        parse_settings(_section(text))

    assert time.process_time() - started < 2


def test_longest_locks_are_read_in_time() -> None:
    """As many and as long as they may be."""
    started = time.process_time()

    parse_settings(_section("\n".join([f"{_TOML}[[{'a.' * 480}a]]"] * 1_000)))

    assert time.process_time() - started < 10
