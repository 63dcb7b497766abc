"""Selection: exclusion beats inclusion, and every update is chosen or left out for a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.masks import parse_mask
from fleet.deployments.plan import LeftOutReason, Selection
from fleet.deployments.selection import find_exclusion, select
from fleet.deployments.update_rules import Exclusion, UpdateMask, UpdateRules
from fleet.updates import Blocker, Classification, Update

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_TODAY = _NOW.date()
_SECURITY = Update("openssl", "amd64", "3.0.1", "3.0.2", Classification.SECURITY, "origin", "Debian-Security:12")
_OTHER = Update("curl", "amd64", "7", "8", Classification.OTHERS, "origin", "Debian:12")
_UNCLASSIFIED = Update("nginx", "x86_64", "1", "2", Classification.UNCLASSIFIED, "", "extra")
_ALL = tuple(Classification)
_NOTHING_SEEN: Mapping[tuple[str, str], datetime] = MappingProxyType({})

_NAMES = st.sampled_from(["openssl", "openssl-libs", "curl", "kernel"])
_VERSIONS = st.sampled_from(["1", "2", "1:3.0"])
_MASKS = st.builds(
    UpdateMask, st.sampled_from(["*", "openssl*", "curl", "k*l", "none"]), st.sampled_from(["", "*", "1*"])
)
_UPDATES = st.lists(
    st.builds(
        lambda name, version, classification, blocker: Update(
            name, "amd64", "0", version, classification, "", "", blocker
        ),
        _NAMES,
        _VERSIONS,
        st.sampled_from(_ALL),
        st.none() | st.sampled_from(list(Blocker)),
    ),
    max_size=8,
)
_RULES = st.builds(
    UpdateRules,
    classes=st.lists(st.sampled_from(_ALL), max_size=3).map(tuple),
    include=st.lists(_MASKS, max_size=2).map(tuple),
    exclude=st.lists(_MASKS, max_size=2).map(tuple),
    exclusions=st.lists(
        st.builds(Exclusion, _MASKS, st.just("reason"), st.none() | st.dates(date(2026, 11, 18), date(2026, 11, 22))),
        max_size=2,
    ).map(tuple),
    minimum_age_days=st.integers(0, 3),
    allow_new_packages=st.booleans(),
    allow_removals=st.booleans(),
)
_SEEN = st.dictionaries(
    st.tuples(_NAMES, _VERSIONS), st.integers(-24, 200).map(lambda hours: _NOW - timedelta(hours=hours)), max_size=6
)


def _select(
    updates: Sequence[Update], rules: UpdateRules, seen: Mapping[tuple[str, str], datetime] = _NOTHING_SEEN
) -> Selection:
    return select(updates, rules, today=_TODAY, now=_NOW, first_seen=seen)


def _reason(update: Update, rules: UpdateRules) -> LeftOutReason | None:
    selection = _select((update,), rules)
    return selection.left_out[0].reason if selection.left_out else None


@given(_UPDATES, _RULES, _SEEN)
def test_every_update_is_either_chosen_or_left_out(
    updates: list[Update], rules: UpdateRules, seen: dict[tuple[str, str], datetime]
) -> None:
    """Chosen and left out together are the updates, each once and in their order."""
    selection = _select(updates, rules, seen)
    left_out = [entry.update for entry in selection.left_out]
    assert sorted(map(repr, [*selection.chosen, *left_out])) == sorted(map(repr, updates))
    positions = [next(n for n, update in enumerate(updates) if update is chosen) for chosen in selection.chosen]
    assert positions == sorted(positions) and all(entry.detail for entry in selection.left_out)


@given(_UPDATES, _RULES, _SEEN, _MASKS)
def test_exclusion_beats_inclusion(
    updates: list[Update], rules: UpdateRules, seen: dict[tuple[str, str], datetime], mask: UpdateMask
) -> None:
    """What a mask excludes is never chosen, whatever includes it."""
    hard = replace(rules, classes=_ALL, include=(parse_mask("*"), mask), exclude=(*rules.exclude, mask))
    chosen = _select(updates, hard, seen).chosen
    assert not any(find_exclusion(hard, update.name, update.offered_version, _TODAY) for update in chosen)


@given(_UPDATES, _RULES, _SEEN)
def test_excluding_everything_chooses_nothing(
    updates: list[Update], rules: UpdateRules, seen: dict[tuple[str, str], datetime]
) -> None:
    """A star excludes all."""
    assert _select(updates, replace(rules, exclude=(parse_mask("*"),)), seen).chosen == ()


@given(_UPDATES, _RULES, _SEEN, _MASKS)
def test_excluding_more_never_chooses_more_packages(
    updates: list[Update], rules: UpdateRules, seen: dict[tuple[str, str], datetime], mask: UpdateMask
) -> None:
    """One more exclusion takes packages away, never adds one."""
    fewer = _select(updates, replace(rules, exclude=(*rules.exclude, mask)), seen).chosen
    assert {update.name for update in fewer} <= {update.name for update in _select(updates, rules, seen).chosen}


@given(_UPDATES, _RULES, _SEEN)
def test_package_is_chosen_once(
    updates: list[Update], rules: UpdateRules, seen: dict[tuple[str, str], datetime]
) -> None:
    """A package that is offered twice is ordered once, the same whatever the order."""
    chosen = _select(updates, rules, seen).chosen
    assert len({(update.name, update.architecture) for update in chosen}) == len(chosen)
    assert set(chosen) == set(_select(updates[::-1], rules, seen).chosen)


def test_no_classes_and_an_inclusion_choose_that_list_only() -> None:
    """To install a list only, give no class."""
    selection = _select((_SECURITY, _OTHER), UpdateRules(include=(parse_mask("curl"),)))
    assert selection.chosen == (_OTHER,) and selection.left_out[0].reason is LeftOutReason.NOT_IN_CLASSES


def test_no_classes_and_no_inclusion_choose_nothing() -> None:
    """Rules that say nothing install nothing."""
    assert _select((_SECURITY, _OTHER), UpdateRules()).chosen == ()


def test_unclassified_updates_must_be_asked_for() -> None:
    """Neither security nor others stand for updates whose class is unknown."""
    known = UpdateRules(classes=(Classification.CRITICAL, Classification.SECURITY, Classification.OTHERS))
    assert _reason(_UNCLASSIFIED, known) is LeftOutReason.NOT_IN_CLASSES
    assert _reason(_UNCLASSIFIED, UpdateRules(classes=(Classification.UNCLASSIFIED,))) is None
    assert _reason(_UNCLASSIFIED, UpdateRules(include=(parse_mask("nginx"),))) is None


@pytest.mark.parametrize(("until", "excluded"), [(_TODAY - timedelta(days=1), False), (_TODAY, True), (None, True)])
def test_exclusion_holds_until_its_day_is_over(until: date | None, excluded: bool) -> None:
    """The last day is included; without one it is for good."""
    exclusion = Exclusion(parse_mask("openssl*=3.0.*"), "breaks the shop", until, "anna")
    rules = UpdateRules(classes=_ALL, exclusions=(exclusion,))
    assert (_reason(_SECURITY, rules) is LeftOutReason.EXCLUDED) is excluded


def test_detail_of_an_exclusion_says_rule_reason_by_whom_and_until_when() -> None:
    """Whoever reads the plan knows whom to ask."""
    exclusion = Exclusion(parse_mask("openssl*"), "breaks the shop", date(2026, 12, 1), "anna")
    selection = _select((_SECURITY,), UpdateRules(classes=_ALL, exclusions=(exclusion,)))
    assert selection.left_out[0].detail == "excluded by openssl*: breaks the shop, by anna, until 2026-12-01"


@pytest.mark.parametrize(
    ("blocker", "new_packages", "removals", "reason"),
    [
        (Blocker.NEEDS_NEW_PACKAGES, True, False, None),
        (Blocker.NEEDS_NEW_PACKAGES, False, True, LeftOutReason.NEEDS_NEW_PACKAGES),
        (Blocker.NEEDS_REMOVALS, True, True, None),
        (Blocker.NEEDS_REMOVALS, True, False, LeftOutReason.NEEDS_REMOVALS),
        (Blocker.KEPT_BACK, True, False, None),
        (Blocker.KEPT_BACK, False, True, None),
        (Blocker.KEPT_BACK, False, False, LeftOutReason.BLOCKED),
        *(
            (blocker, True, True, LeftOutReason.BLOCKED)
            for blocker in Blocker
            if blocker not in (Blocker.NEEDS_NEW_PACKAGES, Blocker.NEEDS_REMOVALS, Blocker.KEPT_BACK)
        ),
    ],
)
def test_blocked_updates_are_chosen_only_where_the_rules_allow_what_they_need(
    blocker: Blocker, new_packages: bool, removals: bool, reason: LeftOutReason | None
) -> None:
    """The manager's simulation decides about what the rules allow; held, phased and their like stay out."""
    rules = UpdateRules(classes=_ALL, allow_new_packages=new_packages, allow_removals=removals)
    update = replace(_OTHER, blocker=blocker, blocker_detail="evidence")
    selection = _select((update,), rules)
    assert _reason(update, rules) is reason
    assert all("evidence" in entry.detail for entry in selection.left_out)


@pytest.mark.parametrize(
    ("seen_days_ago", "young"), [(None, True), (6.99, True), (7.0, False), (30.0, False), (-1.0, True)]
)
def test_minimum_age_counts_from_when_the_fleet_first_saw_the_version(seen_days_ago: float | None, young: bool) -> None:
    """A version that was never seen counts from now; a time in the future too."""
    key = ("openssl", "3.0.2")
    seen = {} if seen_days_ago is None else {key: _NOW - timedelta(days=seen_days_ago)}
    selection = _select((_SECURITY,), UpdateRules(classes=_ALL, minimum_age_days=7), seen)
    assert bool(selection.left_out) is young


def test_detail_of_a_young_update_says_from_when_on_it_is_old_enough() -> None:
    """Seen when, how old, and from when on."""
    seen = {("openssl", "3.0.2"): _NOW - timedelta(days=3)}
    selection = _select((_SECURITY,), UpdateRules(classes=_ALL, minimum_age_days=7), seen)
    assert selection.left_out[0].detail == (
        "first seen 2026-11-17 02:00 UTC, 3 of 7 days ago; old enough from 2026-11-24 02:00 UTC on"
    )


def test_newest_of_two_offers_is_chosen_by_the_managers_order() -> None:
    """10 is newer than 9 where the manager says so."""
    offers = (replace(_OTHER, offered_version="10"), replace(_OTHER, offered_version="9"))
    rules = UpdateRules(classes=_ALL)
    selection = select(
        offers, rules, today=_TODAY, now=_NOW, first_seen={}, compare=lambda one, other: int(one) - int(other)
    )
    assert [update.offered_version for update in selection.chosen] == ["10"]
    assert selection.left_out[0].reason is LeftOutReason.SUPERSEDED
