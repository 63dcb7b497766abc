"""A list of names in a sentence stays short, and says what it leaves out."""

from fleet.name_lists import some_of


def test_names_beyond_the_limit_are_counted() -> None:
    """As many as there may be are shown without a count."""
    assert some_of(["a", "b", "c"], most=2) == "a, b and 1 more"
    assert some_of(("a", "b"), most=2) == "a, b"
    assert some_of([]) == ""
