"""What a machine is ordered to install, decided right before: what of its plan it is still offered.

The plan is a promise, and a mirror moves on. A newer version of a package of the plan is installed in the place of the
planned one where no plan was required and the deployment's rules, asked anew, choose it; its transaction is simulated
first. Everything else that is not offered any more is left as it is, and says why; so is what somebody has put a hold
on meanwhile, or what the machine would not install for another reason.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from fleet.assessments import Assessment
from fleet.deployments.jobs import JobKind, JobOrder, PackageOrder
from fleet.deployments.outcomes import status_of
from fleet.deployments.plan import MachinePlan, Selection
from fleet.deployments.planning import orders_of
from fleet.deployments.runs import InstallationStatus
from fleet.deployments.selection import find_blocker, select, version_key
from fleet.deployments.start_checks import compare_offers
from fleet.deployments.transactions import find_refusal, orders_of_selection
from fleet.deployments.zones import find_zone
from fleet.failures import Finding, FindingKind, Severity
from fleet.updates import Update
from ops.deployments.manager_versions import compare_of
from ops.deployments.turn import Turn
from ops.home import Home
from ops.state.database import opened
from ops.state.versions import VersionBook

Key = tuple[str, str, str]
_NOT_STARTED = InstallationStatus.NOT_STARTED


@dataclass(frozen=True, slots=True)
class Ordering:
    """``orders`` are to be installed. ``missing`` are the updates of the plan that are not, by name, architecture and
    version, each with what became of it and why.
    """

    orders: tuple[PackageOrder, ...] = ()
    missing: Mapping[Key, tuple[InstallationStatus, str]] = field(default_factory=dict)

    def as_detail(self) -> dict[str, object]:
        """What the journal keeps of it."""
        return {
            "orders": [_plain_order(order) for order in self.orders],
            "missing": [[*key, why, status.value] for key, (status, why) in self.missing.items()],
        }


def recall_ordering(plan: MachinePlan, detail: Mapping[str, Any]) -> Ordering:
    """What `Ordering.as_detail` gave. Any: JSON of ours; of older journals without versions and statuses."""
    planned = {(order.name, order.architecture): order for order in orders_of(plan)}
    kept = [each for each in detail.get("orders", ()) if (each[0], each[1]) in planned]
    return Ordering(
        tuple(_read_order(planned[name, architecture], rest) for name, architecture, *rest in kept),
        {
            (name, architecture, version): (InstallationStatus(rest[0]) if rest else _NOT_STARTED, why)
            for name, architecture, version, why, *rest in detail.get("missing", ())
        },
    )


def _plain_order(order: PackageOrder) -> list[str]:
    by_id = [order.update_id, order.revision] if order.update_id else []
    return [order.name, order.architecture, order.version, *by_id]


def _read_order(planned: PackageOrder, rest: Sequence[str]) -> PackageOrder:
    version, update_id, revision, *_ = (*rest, *(planned.version, planned.update_id, planned.revision)[len(rest) :])
    return replace(planned, version=version, update_id=update_id, revision=revision)


async def decide_orders(turn: Turn, assessment: Assessment) -> Ordering:
    """What of the machine's plan is to be installed, by what it says now.

    Raises:
        TransportFailed: it did not answer.
    """
    planned = orders_of(turn.plan)
    comparison = compare_offers(planned, assessment)
    # What a Windows is offered no more it needs no more: definitions are others after some hours.
    status = InstallationStatus.NOT_INCLUDED if turn.plan.is_windows else _NOT_STARTED
    missing = {key: (status, why) for key, why in comparison.missing.items()}
    stopped = _find_stopped(turn, comparison.orders, assessment.updates)
    free = tuple(order for order in comparison.orders if _key(order) not in stopped)
    orders = {(order.name, order.architecture): order for order in free}
    newer = _newer_offers(turn, missing, assessment.updates)
    if not newer:
        return Ordering(free, missing | stopped)
    if turn.context.required_plan:
        return Ordering(free, _add_words(missing, newer, "that plan was required") | stopped)
    selection = await ask_rules(turn, assessment, tuple(newer.values()))
    chosen, left_out = selection.chosen, {left.update: left for left in selection.left_out}
    refused = await _find_refusal(turn, free, chosen)
    for key, update in newer.items():
        status, why = missing[key]
        if (kept := left_out.get(update)) is not None:
            missing[key] = status_of(kept), f"{why}, which is left out: {kept.detail or kept.reason.value}"
        elif refused:
            missing[key] = status, f"{why}, and its transaction may not be made: {refused}"
        else:
            (orders[update.name, update.architecture],) = orders_of_selection(Selection((update,), ()))
            del missing[key]
            turn.find([_superseded(key, update)])
    in_order = (orders.get((order.name, order.architecture)) for order in planned)
    return Ordering(tuple(order for order in in_order if order is not None), missing | stopped)


def _find_stopped(
    turn: Turn, orders: Sequence[PackageOrder], updates: Sequence[Update]
) -> dict[Key, tuple[InstallationStatus, str]]:
    """Those of ``orders`` that the machine would not install any more, such as what was put on hold since the plan."""
    offered = {(update.name, update.architecture, update.offered_version): update for update in updates}
    rules = turn.context.deployment.updates
    stopped = {}
    for order in orders:
        update = offered.get(_key(order))
        if update is not None and (left := find_blocker(update, rules)) is not None:
            stopped[_key(order)] = status_of(left), f"{left.detail or left.reason.value}, since the plan was made"
    return stopped


def _key(order: PackageOrder) -> Key:
    return order.name, order.architecture, order.version


def _newer_offers(turn: Turn, missing: Iterable[Key], updates: Sequence[Update]) -> dict[Key, Update]:
    compare = compare_of(turn.plan.package_manager)
    found: dict[Key, Update] = {}
    for key in missing:
        for update in updates:
            is_same = (update.name, update.architecture) == key[:2]
            latest = found[key].offered_version if key in found else key[2]
            if is_same and compare(update.offered_version, latest) > 0:
                found[key] = update
    return found


async def ask_rules(turn: Turn, assessment: Assessment, updates: Sequence[Update]) -> Selection:
    """Those of ``updates`` that the deployment's rules choose now, and why not the others."""
    deployment = turn.context.deployment
    schedule = deployment.schedule
    zone = find_zone(schedule.time_zone) if schedule else UTC
    return select(
        updates,
        deployment.updates,
        today=turn.now.astimezone(zone).date(),
        now=turn.now,
        first_seen=await asyncio.to_thread(_first_seen, turn.context.home, updates),
        compare=compare_of(assessment.facts.package_manager or ""),
    )


def _first_seen(home: Home, updates: Iterable[Update]) -> dict[tuple[str, str], datetime]:
    wanted = [version_key(update) for update in updates]
    with opened(home.state_file) as connection:
        return {(seen.product, seen.version): seen.seen_at for seen in VersionBook(connection).find(wanted)}


async def _find_refusal(turn: Turn, orders: Sequence[PackageOrder], chosen: tuple[Update, ...]) -> str:
    """Why the transaction with ``chosen`` may not be made, in one line; empty if it may."""
    if not chosen:
        return ""
    rules = turn.context.deployment.updates
    order = JobOrder(
        "simulation",
        JobKind.INSTALL,
        (*orders, *orders_of_selection(Selection(chosen, ()))),
        start_within_seconds=0,
        allow_new_packages=rules.allow_new_packages,
        allow_removals=rules.allow_removals,
        accept_licences=rules.accept_licences,
    )
    simulation = await turn.worker.simulate(order)
    names = {(each.name, each.architecture) for each in orders}
    planned = [each for each in turn.plan.selection.chosen if (each.name, each.architecture) in names]
    refusal = find_refusal(simulation, (*planned, *chosen), rules, today=turn.now.date())
    return simulation.problem or (refusal.words if refusal is not None else "")


def _add_words(
    missing: Mapping[Key, tuple[InstallationStatus, str]], keys: Iterable[Key], words: str
) -> dict[Key, tuple[InstallationStatus, str]]:
    added = {key: (missing[key][0], f"{missing[key][1]}; {words}") for key in keys}
    return {**missing, **added}


def _superseded(key: Key, update: Update) -> Finding:
    text = (
        f"{key[0]} {key[2]} of the plan was superseded: the machine is offered {update.offered_version}, and gets it."
    )
    return Finding(FindingKind.JOB_NOTE, Severity.INFO, text)
