"""What two edits of the same thing changed, and what keeping one over the other gives."""

from dataclasses import replace

from fleet.deployments.deployment import Deployment
from fleet.deployments.window import Window
from fleet.edit_conflicts import EditedPlace, compare_edits, merge_edits

_SEEN = Deployment("web", ("web-*",), description="as it was")


def test_keeping_mine_keeps_what_only_they_changed() -> None:
    """Of a part of the definition each field is merged by itself; a field that both changed is mine."""
    theirs = replace(_SEEN, window=Window(minutes=60, hard_stop=True), description="theirs", needs_approval=1)
    mine = replace(_SEEN, window=Window(minutes=90), description="mine")

    merged = merge_edits(_SEEN, theirs, mine)

    assert merged == replace(_SEEN, window=Window(minutes=90, hard_stop=True), description="mine", needs_approval=1)


def test_values_that_both_changed_come_first() -> None:
    """Each place says what it was, what they made of it and what is wanted here."""
    seen, theirs, mine = '{"a":1,"b":"x"}', '{"a":2,"b":"y"}', '{"a":1,"b":"z","c":true}'

    places = compare_edits(seen, theirs, mine)

    assert places == (
        EditedPlace("b", "x", "y", "z"),
        EditedPlace("a", "1", "2", "1"),
        EditedPlace("c", None, None, "yes"),
    )
    assert [place.is_contested for place in places] == [True, False, False]
