"""Dataclasses as JSON and back: nothing changes on the way, and fields may come and go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.assessments import Assessment
from fleet.machines import Machine, TransportKind
from ops.state.documents import Codec

_TIMES = st.datetimes(timezones=st.just(UTC))


class _Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class _Old:
    name: str
    gone: int = 0


@dataclass(frozen=True, slots=True)
class _New:
    name: str
    colour: _Colour = _Colour.RED
    at: datetime | None = None
    parts: tuple[_Old, ...] = ()
    versions: Mapping[tuple[str, str], str] = field(default_factory=dict)


@given(
    st.builds(
        _New,
        at=st.none() | _TIMES,
        parts=st.lists(st.builds(_Old)).map(tuple),
        versions=st.dictionaries(st.tuples(st.text(), st.text()), st.text()),
    )
)
def test_value_comes_back_as_it_was(value: _New) -> None:
    """Texts of any kind, times, enums, tuples, other dataclasses and mappings of pairs."""
    codec = Codec(_New)

    assert codec.load(codec.dump(value)) == value


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)
@given(
    st.from_type(Assessment).filter(
        lambda assessment: "nan" not in repr(assessment)  # not equal to itself
    )
)
def test_assessment_comes_back_as_it_was(assessment: Assessment) -> None:
    """Every field that an assessment has now, or will get, can be stored."""
    codec = Codec(Assessment)

    assert codec.load(codec.dump(assessment)) == assessment


def test_what_machines_have_in_common_is_kept_once() -> None:
    """Ten thousand machines of the same system with the same tags: a third of their memory; others stay their own."""
    codec = Codec(Machine, shares=True)
    machines = [
        Machine(
            f"id-{tag}-{number}",
            f"web-{number}",
            TransportKind.SSH,
            datetime(2026, 11, 20, tzinfo=UTC),
            tags={"env": tag},
            user="root",
        )
        for number, tag in enumerate(("prod", "prod", "test"))
    ]
    read = [codec.load(codec.dump(each)) for each in machines]
    assert read == machines
    assert read[0].tags is read[1].tags
    assert read[0].user is read[2].user


def test_field_may_be_added_and_taken_away() -> None:
    """What an older version wrote is read: new fields have their defaults, those that are gone are ignored."""
    assert Codec(_New).load(Codec(_Old).dump(_Old("a", gone=5))) == _New("a")


def test_type_that_cannot_be_stored_is_refused_at_once() -> None:
    """A new field of an odd type fails when the codec is built, not at a user's."""

    @dataclass
    class Odd:
        value: complex

    with pytest.raises(TypeError, match="complex"):
        Codec(Odd)
