"""A machine, what a list says, and what it said: three that are merged."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from fleet.importing.listed import ListedMachine, Place
from fleet.importing.merging import merge, new_machine, remembered
from fleet.machines import Become, TransportKind

_AT = datetime(2026, 11, 20, tzinfo=UTC)
_PLACE = Place("hosts.csv", 2)
_LISTED = ListedMachine("web-1", _PLACE, address="10.0.0.1", port=22, user="admin", tags={"env": "prod"})
_MACHINE = new_machine("id-1", _LISTED, _AT).machine


def test_new_machine_is_as_the_list_says() -> None:
    """Without an address its name is looked up."""
    assert (_MACHINE.address, _MACHINE.port, _MACHINE.user, _MACHINE.tags) == ("10.0.0.1", 22, "admin", {"env": "prod"})
    assert new_machine("id-2", ListedMachine("db-1", _PLACE), _AT).machine.address == "db-1"


def test_what_the_list_changes_is_taken_over() -> None:
    """Also what it takes back."""
    now = replace(_LISTED, port=2222, user=None, address=None, tags={"env": "test", "role": "web"})
    merged = merge(_MACHINE, now, _LISTED, overwrites=False)
    assert (merged.machine.port, merged.machine.user, merged.machine.address) == (2222, None, "web-1")
    assert merged.machine.tags == {"env": "test", "role": "web"}
    assert not any(change.is_kept for change in merged.changes)


def test_what_a_partial_list_does_not_say_stays() -> None:
    """It may be encrypted there now; what it does say is taken over."""
    now = ListedMachine("web-1", _PLACE, port=2222, tags={"role": "web"}, is_partial=True)
    merged = merge(_MACHINE, remembered(now, _LISTED), _LISTED, overwrites=False).machine
    assert (merged.address, merged.user, merged.port) == ("10.0.0.1", "admin", 2222)
    assert merged.tags == {"env": "prod", "role": "web"}


def test_what_was_changed_by_hand_stays_and_is_told() -> None:
    """Whether the list has changed since or not; unless the list is to prevail."""
    by_hand = replace(_MACHINE, port=2200, tags={"env": "mine"}, user=None)
    for now in (_LISTED, replace(_LISTED, port=2222)):
        kept = merge(by_hand, now, _LISTED, overwrites=False)
        assert kept.machine == by_hand
        assert {change.name for change in kept.changes} == {"port", "user", "tag env"}
        assert all(change.is_kept for change in kept.changes)
    assert merge(by_hand, _LISTED, _LISTED, overwrites=True).machine == _MACHINE


def test_what_nobody_has_set_is_filled_by_a_list_that_is_new() -> None:
    """A machine that was added by hand keeps what it was given."""
    added = replace(_MACHINE, port=None, user="root", tags={}, become=Become.NONE)
    merged = merge(added, replace(_LISTED, become=Become.SUDO), None, overwrites=False)
    assert (merged.machine.port, merged.machine.user, merged.machine.become) == (22, "root", Become.SUDO)
    assert [change.name for change in merged.changes if change.is_kept] == ["user"]


def test_machine_that_becomes_local_loses_what_only_ssh_needs() -> None:
    """And one that is local here is not made another by a list that does not speak of it."""
    local = merge(_MACHINE, replace(_LISTED, transport=TransportKind.LOCAL), _LISTED, overwrites=False).machine
    assert (local.transport, local.address, local.port, local.user) == (TransportKind.LOCAL, None, None, None)
    assert merge(local, ListedMachine("web-1", _PLACE, port=22), None, overwrites=False).machine == local


_TEXTS = st.none() | st.sampled_from(["a", "b", "c"])
_SAID = st.builds(
    ListedMachine,
    name=st.just("web-1"),
    place=st.just(_PLACE),
    address=_TEXTS,
    user=_TEXTS,
    port=st.none() | st.integers(1, 3),
    become=st.none() | st.sampled_from(Become),
    enabled=st.none() | st.booleans(),
    tags=st.dictionaries(st.sampled_from("xyz"), st.sampled_from("12"), max_size=2),
)


@given(_SAID, _SAID, _SAID, st.booleans())
def test_merging_again_changes_nothing_more(
    first: ListedMachine, second: ListedMachine, hand: ListedMachine, o: bool
) -> None:
    """Whatever was said before and whatever was changed by hand."""
    known = new_machine("id", hand, _AT).machine
    once = merge(known, second, first, overwrites=o).machine
    again = merge(once, second, second, overwrites=o)
    assert again.machine == once
    assert all(change.is_kept for change in again.changes)


@given(_SAID, _SAID)
def test_untouched_machine_follows_its_list(first: ListedMachine, second: ListedMachine) -> None:
    """It is as if the list had always said what it says now."""
    known = new_machine("id", first, _AT).machine
    assert merge(known, second, first, overwrites=False).machine == new_machine("id", second, _AT).machine
