"""All reasons why an update is not installed, what stops it now first; there always is at least one."""

from collections.abc import Sequence
from dataclasses import replace

from fleet.hostile import clean
from fleet.reasons.blockers import blocker_reasons
from fleet.reasons.commands import patchdeck
from fleet.reasons.deployments import deployment_reasons
from fleet.reasons.facts import HomeSight, UpdateCase
from fleet.reasons.machine import machine_reasons
from fleet.reasons.reason import Reason, ReasonKind, Weight, rank_of
from fleet.reasons.tries import try_reasons


def explain(case: UpdateCase, home: HomeSight) -> tuple[Reason, ...]:
    """Every reason why the update of ``case`` is not installed, by weight and kind; never none."""
    covering = [sight for sight in home.deployments if case.machine_id in sight.members]
    found = [
        *machine_reasons(case, home, covering),
        *blocker_reasons(case, [sight.deployment.updates for sight in covering]),
        *deployment_reasons(case, home, covering),
        *try_reasons(case),
    ]
    if any(reason.kind is ReasonKind.INSTALLED_SINCE for reason in found):
        # It is there: what would have stopped it does so no more.
        found = [replace(each, weight=Weight.NOTE) if each.stops else each for each in found]
    if home.read_only:
        words = "This home is read-only here: nothing can be started or changed from this seat."
        remedy = "Ask somebody who may, or open it without --read-only."
        found.append(Reason(ReasonKind.READ_ONLY, Weight.NOTE, words, clean(home.read_only), remedy))
    if not any(reason.weight in (Weight.STOPS, Weight.UNDER_WAY) for reason in found):
        found.append(_nothing_stops(case))
    return tuple(sorted(dict.fromkeys(found), key=rank_of))


def verdict(reasons: Sequence[Reason]) -> str:
    """The answer in one sentence: how many reasons stop it, or when it comes."""
    stopping = sum(reason.stops for reason in reasons)
    if stopping:
        return f"{stopping} reason{'' if stopping == 1 else 's'} stop{'s' if stopping == 1 else ''} it now."
    coming = next((reason for reason in reasons if reason.weight is Weight.UNDER_WAY), None)
    return f"Nothing stops it. {coming.words}" if coming else "Nothing stops it."


def _nothing_stops(case: UpdateCase) -> Reason:
    words = "Nothing that Patchdeck knows of stops it."
    evidence = f"the last answer, {case.seen_at:%Y-%m-%d %H:%M} UTC, offers it as installable"
    command = patchdeck("deployments", "list")
    return Reason(ReasonKind.NOTHING_STOPS, Weight.UNDER_WAY, words, evidence, "Run a deployment that has it.", command)
