"""Two pictures of a fleet: what differs leads from the one to the other, and back."""

from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Answer
from fleet.compliance import Compliance
from fleet.differences.difference import apply, compare
from fleet.differences.pictures import FleetPicture, MachinePicture, UpdatePicture

_IDS = st.sampled_from(["m-1", "m-2", "m-3"])
_MACHINES = st.builds(
    MachinePicture, st.sampled_from(["a", "b"]), st.sampled_from(Compliance), st.none() | st.sampled_from(Answer)
)
_WORDS = st.sampled_from(["1", "2"])
_UPDATES = st.builds(UpdatePicture, _WORDS, _WORDS, _WORDS, _WORDS, st.sampled_from(["", "held", "hidden"]))
PICTURES = st.builds(
    FleetPicture,
    st.dictionaries(_IDS, _MACHINES, max_size=3),
    st.dictionaries(st.tuples(_IDS, st.sampled_from(["curl", "vim"]), st.just("amd64")), _UPDATES, max_size=4),
)


@given(PICTURES)
def test_picture_does_not_differ_from_itself(picture: FleetPicture) -> None:
    """Nothing came, went or changed."""
    assert compare(picture, picture).is_empty


@given(PICTURES, PICTURES)
def test_difference_leads_from_the_first_to_the_second_and_back(before: FleetPicture, after: FleetPicture) -> None:
    """The first picture with the difference is the second, and the way back is the difference turned round."""
    difference = compare(before, after)
    assert apply(before, difference) == after
    assert difference.turned() == compare(after, before)
    assert apply(after, difference.turned()) == before


@given(PICTURES, PICTURES)
def test_difference_has_nothing_that_stayed(before: FleetPicture, after: FleetPicture) -> None:
    """Each change has two sides, and they are not the same."""
    difference = compare(before, after)
    assert all(change.before != change.after for change in difference.machines.values())
    assert all(change.before != change.after for change in difference.updates.values())
