"""What feeds add to a scan when it is stored; without feeds, only what the updates' own advisories say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from fleet.assessments import Assessment
from fleet.cves import MissingFix
from ops.home import Home

_NO_SOURCES: Mapping[tuple[str, str], str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Examined:
    """``assessments`` with what feeds say of their updates; ``missing`` by machine id and end of the assessment.

    An answer that does not tell what is installed has no entry: what the machine lacked before holds.
    """

    assessments: tuple[Assessment, ...]
    missing: Mapping[tuple[str, datetime], Sequence[MissingFix]]


def has_feeds(home: Home) -> bool:
    """Whether any feed was read."""
    return any(home.feeds_dir.glob("[!.]*.db"))


def without_sources(home: Home, assessments: Sequence[Assessment]) -> list[Assessment]:
    """``assessments`` as they are to be kept: without their source packages where no feed asks for them."""
    if has_feeds(home):
        return list(assessments)
    return [replace(each, sources=_NO_SOURCES) if each.sources else each for each in assessments]


def examine(home: Home, assessments: Sequence[Assessment]) -> Examined:
    """What is lacking on the machines of ``assessments`` by what the feeds of ``home`` say now."""
    answered = [each for each in assessments if each.failure is None]
    if not has_feeds(home):
        missing = {(each.machine_id, each.ended_at): _by_advisories(each) for each in answered}
        return Examined(tuple(assessments), missing)
    from ops.feeds.damage import set_aside
    from ops.feeds.index import IndexDamaged

    try:
        return _by_feeds(home, assessments, answered)
    except IndexDamaged as damaged:  # one feed's file must not stop what machines said
        set_aside(home, damaged)
        return examine(home, assessments)


def _by_feeds(home: Home, assessments: Sequence[Assessment], answered: Sequence[Assessment]) -> Examined:
    from ops.feeds.exposure import open_exposure

    with open_exposure(home) as exposure:
        found = {
            (each.machine_id, each.ended_at): exposure.find_missing(each)
            for each in answered
            if each.installed or each.updates
        }
        enriched = tuple(exposure.enrich(each) if each.failure is None else each for each in assessments)
    return Examined(enriched, found)


def _by_advisories(assessment: Assessment) -> tuple[MissingFix, ...]:
    if not any(update.cves for update in assessment.updates):
        return ()
    from ops.feeds.advisories import missing_by_advisories

    return missing_by_advisories(assessment)
