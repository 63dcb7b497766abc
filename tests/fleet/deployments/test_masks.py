"""Masks name updates: only the star is special."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.masks import ONLY_BY_NAME, chosen_text, mask_text, matches, matches_package, parse_mask
from fleet.deployments.update_rules import UpdateMask, UpdateRules
from fleet.errors import BadInput
from fleet.updates import Classification, Update

_PARTS = st.text("ab*.+[]-", max_size=12)

_ALL = tuple(each for each in Classification if each not in ONLY_BY_NAME)


def _update(name: str, version: str = "1.0", advisories: tuple[str, ...] = ()) -> Update:
    return Update(name, "amd64", "0.9", version, Classification.OTHERS, "origin", "Debian:12", advisories=advisories)


@pytest.mark.parametrize(
    ("mask", "name", "version"),
    [
        ("openssl*", "openssl-libs", "3.0"),
        ("*", "anything", "1"),
        ("libstdc++6", "libstdc++6", "12"),
        ("php8.2-*", "php8.2-fpm", "8.2.1"),
        ("python3[extra]", "python3[extra]", "1"),
        ("*ssl*", "openssl", "3"),
        ("openssl*=3.0.*", "openssl", "3.0.13-1"),
        ("openssl*=3.0.*", "openssl", "1:3.0.13-1"),
        ("openssl=1:3.0.*", "openssl", "1:3.0.13-1"),
        ("openssl=0:3.0.*", "openssl", "3.0.13-1"),
        ("KB5031234", "5031234", ""),
        ("5031234", "KB5031234", ""),
        ("kb50312*", "KB5031234", ""),
        ("kb*", "KB5031234", ""),
    ],
)
def test_mask_names_the_update(mask: str, name: str, version: str) -> None:
    """Names, versions without their epoch, and KB numbers with or without KB are matched."""
    assert matches(parse_mask(mask), _update(name, version))


@pytest.mark.parametrize(
    ("mask", "name", "version"),
    [
        ("openssl", "openssl-libs", "3.0"),
        ("OpenSSL", "openssl", "3.0"),
        ("php8.2", "php842", "1"),
        ("lib[ab]", "liba", "1"),
        ("libstdc+6", "libstdcc6", "12"),
        ("openssl=3.0.*", "openssl", "3.1.0"),
        ("openssl=2:3.0.*", "openssl", "1:3.0.1"),
        ("aa*aa", "aaa", "1"),
        ("KB5031234", "KB5031235", ""),
        ("kb*", "zlib", ""),
        ("KBD", "kbd", ""),
    ],
)
def test_mask_does_not_name_the_update(mask: str, name: str, version: str) -> None:
    """Every character but the star is literal, and case counts in package names."""
    assert not matches(parse_mask(mask), _update(name, version))


def test_article_of_an_advisory_is_named() -> None:
    """An update whose advisory is a KB article is found by its number."""
    update = _update("2026-11 Cumulative Update", advisories=("KB5031234",))
    assert matches(parse_mask("5031234"), update) and not matches(parse_mask("5031235"), update)


@pytest.mark.parametrize("text", ["", " ", "=1.0", "openssl=", "a b", "a,b", "lib?", "a=1=2", "a\tb", '"a"'])
def test_unusable_mask_is_refused(text: str) -> None:
    """What could only be a mistake is told, not taken for a name that nothing has."""
    with pytest.raises(BadInput):
        parse_mask(text)


@given(st.text("ab*.+[]-1:", min_size=1, max_size=8), st.text("12*.:~", max_size=8))
def test_text_of_a_mask_reads_back(name: str, version: str) -> None:
    """What is written is read as the same mask."""
    mask = UpdateMask(name, version)
    assert parse_mask(mask_text(mask)) == mask


@given(_PARTS, st.text("ab.+[]-", max_size=16))
def test_matching_is_that_of_a_glob_with_stars_only(pattern: str, name: str) -> None:
    """The same answers as fnmatch gives with everything but stars quoted."""
    quoted = "".join(f"[{letter}]" if letter in "[]" else letter for letter in pattern)
    assert matches_package(UpdateMask(pattern), name, "1") is fnmatch.fnmatchcase(name, quoted)


@given(st.text("ab.", max_size=10), st.text("ab.", max_size=10), st.text("ab.", max_size=10))
def test_star_stands_for_any_text(before: str, between: str, after: str) -> None:
    """A name is matched by itself with any part replaced by a star."""
    assert matches_package(UpdateMask(f"{before}*{after}"), before + between + after, "1")


@pytest.mark.parametrize(
    ("classes", "masks", "expected"),
    [
        ((Classification.SECURITY,), (), "every update of the classes Security Updates"),
        (
            (Classification.SECURITY,),
            ("ssl*",),
            "every update of the classes Security Updates, and besides whatever ssl*",
        ),
        ((), ("ssl*", "vim=2.*"), "only what ssl*, vim=2.* names, of any class"),
        (tuple(Classification), ("ssl*",), "every update, Windows drivers and upgrades too, and besides"),
        (_ALL, (), "every update, but no Windows drivers and upgrades"),
        ((), (), "nothing: no class and no mask"),
    ],
)
def test_what_rules_choose_is_told_in_words(
    classes: tuple[Classification, ...], masks: tuple[str, ...], expected: str
) -> None:
    """Who gives a class and a mask reads that each chooses on its own."""
    assert chosen_text(UpdateRules(classes, tuple(map(parse_mask, masks)))).startswith(expected)


def test_title_with_blanks_is_told_how_to_write_it() -> None:
    """Titles of Windows updates have blanks, which end a mask."""
    with pytest.raises(BadInput, match=r"write \* for blanks"):
        parse_mask("2026-11 Cumulative Update*")
