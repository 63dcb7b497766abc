"""How much of "what is missing?" a search answers: that nothing was found is compliant only where all was asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from collectors.windows.assess_answer import SUCCEEDED_WITH_WARNINGS, FoundAnswer, MachineAnswer
from collectors.windows.result_kinds import ResultClass
from collectors.windows.results import explain
from collectors.windows.update_classes import classify
from collectors.windows.update_names import article_number
from collectors.windows.update_policy import server_address
from collectors.windows.updates import WSUS, find_source, is_wsus_used
from fleet.answers import Coverage
from fleet.failures import Finding, FindingKind, Severity
from fleet.updates import Classification

# Updates come out every four weeks or five: two of these days without anything new, and the server is not kept up.
_STALE = timedelta(days=65)
# Definitions come by rules of their own, several times a day: they say nothing of the rest.
_DEFINITIONS = frozenset({"2267602", "915597", "2310138", "2461484"})
# Clocks of servers differ; what is later than that tells nothing.
_AHEAD = timedelta(days=1)
# What is known to concern single updates that were found. Of anything else, "the results might be incomplete" (WUA).
_OF_SINGLE_UPDATES = frozenset({ResultClass.LICENCE, ResultClass.NEEDS_PERSON})
# Each is a finding, and nobody reads more of them.
SHOWN_ERRORS = 20
_SYNCHRONISE = "See on the WSUS when it was last synchronised, and what is approved for the group of this machine."


@dataclass(frozen=True, slots=True)
class CoverageAnswer:
    """The coverage, and what it rests on where that is not all."""

    coverage: Coverage
    findings: tuple[Finding, ...]


def judge_coverage(
    answer: MachineAnswer, found: FoundAnswer, nameless: tuple[str, ...], now: datetime
) -> CoverageAnswer:
    """How whole the search is. One that the agent answered from its own store says nothing of what came out since."""
    warnings = tuple(_find_warnings(found))
    if not found.search.online:
        return CoverageAnswer(Coverage.UNKNOWN, (_offline(answer, found), *warnings))
    doubts = (*_find_stale(answer, found, now), *_find_nameless(nameless))
    whole = not doubts and not _is_partial(found) and not _is_kept_from(answer, now)
    return CoverageAnswer(Coverage.COMPLETE if whole else Coverage.SECURITY_UNKNOWN, (*doubts, *warnings))


def _is_partial(found: FoundAnswer) -> bool:
    """Whether results may be missing: so it is after warnings, but for those that concern what was found."""
    search = found.search
    harmless = [explain(warning.hresult).treat_as in _OF_SINGLE_UPDATES for warning in search.warnings]
    return search.result_code == SUCCEEDED_WITH_WARNINGS and not (harmless and all(harmless))


def _is_kept_from(answer: MachineAnswer, now: datetime) -> bool:
    """Whether policies that `update_policy` tells of keep updates from being offered, or set half a server.

    So it counts, too, where the policies could not be read: nobody knows then whose word the answer is.
    """
    source = answer.source
    is_unread = any(error.stage == "source" for error in answer.errors)
    is_half_set = bool(source.wu_server) != (source.use_wu_server == 1)
    is_cut_off = source.no_internet_locations == 1 and not is_wsus_used(source)
    is_paused = source.pause_quality_until_utc is not None and source.pause_quality_until_utc > now
    return is_unread or is_half_set or is_cut_off or is_paused


def _offline(answer: MachineAnswer, found: FoundAnswer) -> Finding:
    error = next((each for each in found.errors if each.stage == "search"), None)
    searched_at = answer.agent.last_search_utc
    known = f"as it was on {searched_at:%Y-%m-%d %H:%M} UTC" if searched_at else "whenever that was"
    why = explain(error.hresult) if error is not None else None
    cause = f": {why.describe()}" if why is not None else ""
    text = f"The update server gave no answer{cause}. Listed is what the agent still knew, {known}."
    remedy = why.remedy if why is not None else "Assess it again."
    return Finding(FindingKind.UPDATE_SOURCE_STALE, Severity.ERROR, text, remedy)


def _find_stale(answer: MachineAnswer, found: FoundAnswer, now: datetime) -> Iterator[Finding]:
    if find_source(found, answer.source) != WSUS:
        return
    server = server_address(answer.source.wu_server) or "the WSUS"
    newest = _newest_deployment(found, now)
    if newest is None:
        text = f"Nothing tells when {server} last offered something to this machine."
        yield Finding(FindingKind.UPDATE_SOURCE_STALE, Severity.WARNING, text, _SYNCHRONISE)
    elif now - newest > _STALE:
        text = f"The newest update that {server} offers, or has installed, is of {newest:%Y-%m-%d}."
        yield Finding(FindingKind.UPDATE_SOURCE_STALE, Severity.WARNING, text, _SYNCHRONISE)


def _newest_deployment(found: FoundAnswer, now: datetime) -> datetime | None:
    offered = [
        each.last_deployment_change_utc
        for each in found.updates
        if classify(each)[0] is not Classification.DEFINITION_UPDATES
    ]
    installed = [
        each.last_deployment_change_utc
        for each in found.installed or ()
        if not any(article_number(number) in _DEFINITIONS for number in each.kb)
    ]
    return max((at for at in (*offered, *installed) if at is not None and at < now + _AHEAD), default=None)


def _find_nameless(titles: tuple[str, ...]) -> Iterator[Finding]:
    if titles:
        text = f"{len(titles)} update{'s' if len(titles) > 1 else ''} without an id left out, the first: {titles[0]}"
        remedy = "Assess it again; if it stays, patchdeck windows dump-raw keeps what the agent says."
        yield Finding(FindingKind.LINES_NOT_READ, Severity.WARNING, text, remedy)


def _find_warnings(found: FoundAnswer) -> Iterator[Finding]:
    if found.search.result_code == SUCCEEDED_WITH_WARNINGS and not found.search.warnings:
        text = "The search ended with warnings, and does not say which."
        yield Finding(FindingKind.SEARCH_WARNING, Severity.WARNING, text, "Assess it again.")
    different = tuple(dict.fromkeys(found.search.warnings))
    for warning in different[:SHOWN_ERRORS]:
        why = explain(warning.hresult)
        said = f" {warning.message}" if warning.message else ""
        text = f"The search warns: {why.describe()}.{said}"
        yield Finding(FindingKind.SEARCH_WARNING, Severity.WARNING, text, why.remedy)
    if (more := len(different) - SHOWN_ERRORS) > 0:
        text = f"The search has {more:,} warnings more."
        yield Finding(FindingKind.SEARCH_WARNING, Severity.WARNING, text, "patchdeck windows dump-raw keeps them all.")
