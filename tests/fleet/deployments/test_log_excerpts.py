"""Excerpts: what a package manager's log says of one package, short and harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.log_excerpts import EXCERPT_CHARACTERS, LogExcerpt, excerpt_log, names_package, read_log

# apt 2.6.1 and dpkg 1.21 on Debian 12, a postinst that exits 1; lines of progress shortened.
_APT = b"""Reading package lists...\r
(Reading database ... 5%\r(Reading database ... 100%\r(Reading database ... 6401 files installed.)\r
Preparing to unpack .../acme-badpost_2.0_all.deb ...\r
Unpacking acme-badpost (2.0) over (1.0) ...\r
Setting up zlib1g (2) ...\r
Setting up acme-badpost (2.0) ...\r
acme-badpost: cannot reach the database\r
dpkg: error processing package acme-badpost (--configure):\r
 installed acme-badpost package post-installation script subprocess returned error exit status 1\r
Errors were encountered while processing:\r
 acme-badpost\r
E: Sub-process /usr/bin/dpkg returned an error code (1)\r
"""


def _excerpt(log: bytes, name: str) -> LogExcerpt:
    return excerpt_log(read_log(log), name)


def test_error_of_a_failed_script_is_found_with_its_reason() -> None:
    """The package's own word comes first, and the excerpt holds dpkg's with its next line."""
    excerpt = _excerpt(_APT, "acme-badpost")
    assert excerpt.error == "acme-badpost: cannot reach the database"
    assert "dpkg: error processing package acme-badpost (--configure):" in excerpt.text
    assert "post-installation script subprocess returned error exit status 1" in excerpt.text


def test_name_that_holds_a_word_of_trouble_is_no_trouble() -> None:
    """A package may be called an error, and be well."""
    log = b"libgpg-error is already the newest version (1.46-1).\nE: Unable to correct problems\n"
    assert _excerpt(log, "libgpg-error").error == "E: Unable to correct problems"


def test_line_that_ends_with_a_colon_is_joined_with_its_reason() -> None:
    """dpkg gives the reason on the next line."""
    log = b"dpkg: error processing package curl (--configure):\n exit status 1\n"
    assert _excerpt(log, "curl").error == "dpkg: error processing package curl (--configure): exit status 1"


def test_trouble_that_names_no_package_is_better_than_nothing() -> None:
    """A full disk is what failed every package of the transaction."""
    log = b"Need to get 3 MB\nE: You don't have enough free space in /var/cache/apt/archives/.\n"
    assert _excerpt(log, "curl").error == "E: You don't have enough free space in /var/cache/apt/archives/."


def test_generic_last_words_give_way_to_a_reason() -> None:
    """ "Sub-process returned an error code" says nothing of why."""
    log = b"E: Sub-process /usr/bin/dpkg returned an error code (1)\ntar: no space left\n"
    assert _excerpt(log, "curl").error == "tar: no space left"


def test_log_without_trouble_gives_its_end_and_no_error() -> None:
    """Where nothing says what failed, the last lines are shown."""
    excerpt = _excerpt(b"\n".join(b"line %d" % number for number in range(900)), "curl")
    assert excerpt.error == "" and excerpt.text.endswith("line 899") and "line 10\n" not in excerpt.text


@pytest.mark.parametrize(
    ("line", "name", "answer"),
    [
        ("Setting up libc6:amd64 (2.36) ...", "libc6", True),
        ("Setting up libc6-dev (2.36) ...", "libc6", False),
        ("curl-7.88-1.el9.x86_64", "curl", True),
        ("libcurl4", "curl", False),
        ("python3.11 is here", "python3", False),
        ("g++-12", "g++-12", True),
        ("upgrading curl.x86_64", "curl", True),
        ("curl.", "curl", True),
    ],
)
def test_lines_name_the_very_package(line: str, name: str, answer: bool) -> None:
    """Not one whose name begins or ends so."""
    assert names_package(line, name) is answer


def test_colours_and_overwritten_progress_are_taken_out() -> None:
    """Escape sequences go, carriage returns end lines."""
    assert read_log(b"\x1b[31mred\x1b[0m\r50%\r100%\r\n\n \xff").lines == ("red", "50%", "100%", "\ufffd")


@given(st.binary(max_size=3_000), st.sampled_from(["curl", "g++", "a[b"]))
def test_excerpt_is_short_and_harmless_whatever_the_log(log: bytes, name: str) -> None:
    """No log makes it long, many-lined in the error, or steer a terminal."""
    excerpt = _excerpt(log, name)
    assert len(excerpt.text) <= EXCERPT_CHARACTERS and "\n" not in excerpt.error
    assert all(letter == "\n" or letter.isprintable() or ord(letter) > 0x9F for letter in excerpt.text)


@given(st.lists(st.sampled_from(["error: curl failed", "curl is fine", "E: trouble", "nothing", "x" * 300])))
def test_lines_of_an_excerpt_are_lines_of_the_log(lines: list[str]) -> None:
    """Nothing is invented, and the order is kept."""
    text = _excerpt("\n".join(lines).encode(), "curl").text
    left = iter(lines)
    assert all(line in left for line in text.split("\n") if line not in ("…", ""))
