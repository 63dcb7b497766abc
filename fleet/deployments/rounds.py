"""Rounds: installing, assessing again, and installing what is offered only then.

Windows Update offers some updates only once others are installed (the servicing stack, then the cumulative update that
needs it), and what it installs at a restart is known only after it. A round is one installation with its restart. What
was installed in an earlier round and is offered again was rolled back, and what failed twice fails: neither is tried
any more, so that rounds end.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from fleet.deployments.plan import LeftOut, LeftOutReason, Selection
from fleet.deployments.runs import InstallationStatus, UpdateOutcome
from fleet.deployments.update_rules import UpdateRules
from fleet.updates import RebootBehavior, Update

MOST_ROUNDS = 10
USUAL_ROUNDS = 1
# Stack, cumulative update, .NET, what those bring with them, and one to spare.
USUAL_ROUNDS_WINDOWS = 5

Key = tuple[str, str, str]

_FAILED = (InstallationStatus.FAILED, InstallationStatus.INSTALL_FAILED)
ROLLED_BACK = "it was reported installed, and the machine offers it again: it was rolled back"
"""The error of such an update, which is not tried again."""


def rounds_of(rules: UpdateRules, *, is_windows: bool) -> int:
    """How many rounds a machine has at most."""
    if rules.rounds is not None:
        return rules.rounds
    return USUAL_ROUNDS_WINDOWS if is_windows else USUAL_ROUNDS


def key_of(update: Update) -> Key:
    """What tells an update from others in the results of a run."""
    return update.name, update.architecture, update.offered_version


def choose_again(
    selection: Selection, earlier: Sequence[UpdateOutcome], *, planned: Collection[Key] | None, has_changed: bool
) -> Selection:
    """What of ``selection``, the rules' choice among what is offered now, a further round installs.

    Left out are, beside what the rules leave out: what an earlier round installed; what failed twice, or failed and
    finds the machine as it was. Of ``left_out`` only what has no outcome yet is given.

    Args:
        selection: by the deployment's rules, asked anew.
        earlier: the outcomes of all rounds before.
        planned: the updates of a plan that was required or approved: nothing else is installed. None: none was.
        has_changed: whether the machine was restarted, or got anything, since it failed.
    """
    known = {(each.name, each.architecture, each.offered_version): each for each in earlier}
    chosen, left_out = [], [entry for entry in selection.left_out if key_of(entry.update) not in known]
    for update in selection.chosen:
        outcome = known.get(key_of(update))
        if outcome is None and planned is not None and key_of(update) not in planned:
            words = "it was offered only after the plan was approved, and only what was approved is installed"
            left_out.append(LeftOut(update, LeftOutReason.NOT_APPROVED, words))
        elif outcome is None or _may_be_tried(outcome, has_changed=has_changed):
            chosen.append(update)
    return Selection(tuple(chosen), tuple(left_out))


def split_round(chosen: Sequence[Update], *, is_last: bool) -> tuple[tuple[Update, ...], tuple[Update, ...]]:
    """What of ``chosen`` is installed in this round, in this order, and what waits for one of its own.

    Of updates that are installed alone, those that never restart the machine (the servicing stack) come first. Another
    one has a round of its own, once there is nothing else: Windows refuses it while a restart is pending. In the last
    round all have to go.
    """
    first = [update for update in chosen if _is_alone(update) and not _may_restart(update)]
    alone = [update for update in chosen if _is_alone(update) and _may_restart(update)]
    others = [update for update in chosen if not _is_alone(update)]
    if is_last:
        return (*first, *others, *alone), ()
    if first or others:
        return (*first, *others), tuple(alone)
    return tuple(alone[:1]), tuple(alone[1:])


def merge_outcomes(
    earlier: Sequence[UpdateOutcome], latest: Sequence[UpdateOutcome], number: int
) -> tuple[UpdateOutcome, ...]:
    """One outcome for each update of all rounds: the last one in which it was tried. ``latest`` are those of the
    round ``number``.
    """
    merged = {(each.name, each.architecture, each.offered_version): each for each in earlier}
    for outcome in latest:
        key = outcome.name, outcome.architecture, outcome.offered_version
        merged[key] = _follow(merged.get(key), replace(outcome, round=number))
    return tuple(merged.values())


def note_rolled_back(outcomes: Sequence[UpdateOutcome], again: Collection[Key]) -> tuple[UpdateOutcome, ...]:
    """``outcomes``; of those that succeeded and are among the updates that are offered ``again``, that they failed."""
    return tuple(
        replace(each, status=InstallationStatus.INSTALL_FAILED, error=ROLLED_BACK)
        if each.status is InstallationStatus.SUCCEEDED and (each.name, each.architecture, each.offered_version) in again
        else each
        for each in outcomes
    )


def succeeded_keys(outcomes: Iterable[UpdateOutcome]) -> frozenset[Key]:
    """The updates that were installed."""
    return frozenset(
        (each.name, each.architecture, each.offered_version)
        for each in outcomes
        if each.status is InstallationStatus.SUCCEEDED
    )


def _may_be_tried(outcome: UpdateOutcome, *, has_changed: bool) -> bool:
    if outcome.status is InstallationStatus.SUCCEEDED or outcome.error == ROLLED_BACK:
        return False
    return outcome.status not in _FAILED or (outcome.tries < 2 and has_changed)


def _follow(before: UpdateOutcome | None, now: UpdateOutcome) -> UpdateOutcome:
    """``now``, which a later round came to, behind what an earlier one did."""
    was_tried = before is not None and before.status in (*_FAILED, InstallationStatus.SUCCEEDED)
    if before is None or not was_tried:
        return now
    if now.status in (*_FAILED, InstallationStatus.SUCCEEDED):
        on_retry = now.status is InstallationStatus.SUCCEEDED and before.status in _FAILED
        return replace(now, tries=before.tries + 1, succeeded_on_retry=now.succeeded_on_retry or on_retry)
    return before  # it was to be tried again, and was not


def _is_alone(update: Update) -> bool:
    return update.windows is not None and update.windows.is_exclusive


def _may_restart(update: Update) -> bool:
    return update.windows is None or update.windows.reboot_behavior is not RebootBehavior.NEVER
