"""The plan of one machine: what its assessment, the rules and its package manager's simulation come to together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.deployments.jobs import PackageOrder
from fleet.deployments.plan import LeftOut, LeftOutReason, MachinePlan, Selection, Simulation
from fleet.deployments.plan_warnings import expect_reboot, find_warnings
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.start_checks import find_obstacles
from fleet.deployments.transactions import find_change, find_refusal, orders_of_selection
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.windows_warnings import find_windows_warnings
from fleet.facts import UpdateModel
from fleet.machines import Machine
from fleet.updates import Update

_STAGED_BY = {
    UpdateModel.RPM_OSTREE: "rpm-ostree upgrade",
    UpdateModel.TRANSACTIONAL_UPDATE: "transactional-update",
    UpdateModel.BOOTC: "bootc upgrade",
}

_NO_REBOOT = "A reboot will be required, and the deployment makes none."


def find_problem(assessment: Assessment) -> str:
    """Why nothing can be planned on a machine that answered so, in one line; empty if something can."""
    facts = assessment.facts
    if assessment.failure is not None:
        return assessment.failure.describe()
    if facts.update_model in _STAGED_BY:
        command = _STAGED_BY[facts.update_model]
        return (
            f"Its system is changed as a whole ({facts.update_model.value}), not by single packages: {command} stages "
            "what holds after a reboot. Deployments do not do that."
        )
    if not facts.package_manager:
        return "No package manager was found on it that Patchdeck knows."
    if assessment.coverage is Coverage.UNKNOWN:
        return "What it misses is not known: its package manager gave no whole answer. See its findings."
    return ""


def plan_machine(
    machine: Machine,
    wave: int,
    assessment: Assessment,
    rules: UpdateRules,
    selection: Selection,
    simulation: Simulation,
    *,
    today: date,
    predicted_seconds: float | None = None,
    fits: Answer = Answer.UNKNOWN,
    policy: RebootPolicy = RebootPolicy.IF_REQUIRED,
    hard_stop: bool = False,
) -> MachinePlan:
    """What a run would do on ``machine``.

    Args:
        machine: as enrolled.
        wave: counted from 0.
        assessment: from just before.
        rules: of the deployment.
        selection: what the rules choose, as `fleet.deployments.transactions.settle` left it.
        simulation: of exactly that selection. A chosen update that it does not bring is left out, with the manager's
            words. A transaction that the rules forbid is never planned, whoever asks.
        today: as for the selection.
        predicted_seconds: from the fleet's history.
        fits: whether that is within the window.
        policy: with ONLY nothing is installed.
        hard_stop: whether what runs at the window's end is ended.
    """
    problem = find_problem(assessment)
    begun = MachinePlan(
        machine.id,
        machine.name,
        wave,
        package_manager=assessment.facts.package_manager or "",
        assessed_at=assessment.ended_at,
        problem=problem,
    )
    if problem:
        return replace(begun, warnings=find_warnings(assessment, Selection((), ()), Simulation(), today=today))
    if policy is RebootPolicy.ONLY:
        selection, simulation = _nothing_of(selection), Simulation()
    kept, transaction, problem = _join(selection, simulation, rules, today, assessment.updates)
    required = expect_reboot(assessment.facts, transaction, kept.chosen)
    obstacles = find_obstacles(assessment, transaction, policy) if transaction.changes else ()
    warnings = find_warnings(assessment, kept, transaction, today=today)
    if begun.is_windows:
        more = find_windows_warnings(assessment, kept, rules, policy, hard_stop=hard_stop)
        warnings = (*warnings, *more)
    return replace(
        begun,
        selection=kept,
        simulation=transaction,
        reboot_expected=_reboot(policy, required),
        services_to_restart=assessment.facts.services_to_restart or (),
        predicted_seconds=predicted_seconds,
        fits=fits,
        warnings=(
            *dict.fromkeys((*obstacles, *warnings)),
            *((_NO_REBOOT,) if policy is RebootPolicy.NEVER and required is Answer.YES else ()),
        ),
        problem=problem,
        obstacles=obstacles,
    )


def orders_of(plan: MachinePlan) -> tuple[PackageOrder, ...]:
    """What the machine's job is told to bring; nothing where the plan has a problem."""
    return () if plan.problem else orders_of_selection(plan.selection)


def _join(
    selection: Selection, simulation: Simulation, rules: UpdateRules, today: date, updates: Sequence[Update]
) -> tuple[Selection, Simulation, str]:
    """The selection that holds, its transaction, and the problem."""
    if simulation.problem:
        return _in_order(selection, updates), simulation, simulation.problem
    if refusal := find_refusal(simulation, selection.chosen, rules, today=today):
        left_out = tuple(LeftOut(update, refusal.reason, refusal.words) for update in selection.chosen)
        return _in_order(Selection((), (*selection.left_out, *left_out)), updates), Simulation(), ""
    missing = {update for update in selection.chosen if find_change(simulation, update) is None}
    left_out = tuple(
        LeftOut(update, LeftOutReason.NOT_IN_TRANSACTION, _words(simulation, update))
        for update in selection.chosen
        if update in missing
    )
    chosen = tuple(update for update in selection.chosen if update not in missing)
    return _in_order(Selection(chosen, (*selection.left_out, *left_out)), updates), simulation, ""


def _nothing_of(selection: Selection) -> Selection:
    words = "the deployment reboots only"
    left_out = tuple(LeftOut(update, LeftOutReason.NOT_IN_CLASSES, words) for update in selection.chosen)
    return Selection((), (*selection.left_out, *left_out))


def _words(simulation: Simulation, update: Update) -> str:
    said = next((kept.words for kept in simulation.kept if kept.name == update.name and kept.words), "")
    return said or "the package manager leaves it as it is, and does not say why"


def _reboot(policy: RebootPolicy, required: Answer) -> Answer:
    """Whether the machine is expected to be rebooted."""
    match policy:
        case RebootPolicy.ALWAYS | RebootPolicy.ONLY:
            return Answer.YES
        case RebootPolicy.NEVER:
            return Answer.NO
        case RebootPolicy.IF_REQUIRED:
            return required


def _in_order(selection: Selection, updates: Sequence[Update]) -> Selection:
    """The same, what is left out in the order of the assessment too."""
    positions = {update: number for number, update in reversed(list(enumerate(updates)))}
    last = len(positions)
    left_out = sorted(selection.left_out, key=lambda entry: positions.get(entry.update, last))
    return replace(selection, left_out=tuple(left_out))
