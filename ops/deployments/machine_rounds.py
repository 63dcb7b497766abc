"""What is done on a machine that was taken: one round after the other, until nothing is left that the rules choose.

    scripts before; then in each round: assess, compare with the plan, check, install, assess, reboot and return, assess

On Linux there is one round, unless the deployment says otherwise. A round whose machine has to be restarted before
anything can be installed begins with that. The journal has the steps of a round behind the note with which it begins.
"""

from dataclasses import replace
from datetime import timedelta

from collectors.transports.base import TransportFailed
from fleet.assessments import Assessment
from fleet.deployments.jobs import PackageOrder
from fleet.deployments.plan import LeftOutReason, Selection
from fleet.deployments.planning import orders_of
from fleet.deployments.pulse import Pulse
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.rounds import key_of
from fleet.deployments.runs import RunStep
from fleet.deployments.scripts import ScriptStage
from fleet.deployments.start_checks import find_obstacles, find_remarks, needs_restart_first
from fleet.failures import Finding, FindingKind, Severity
from fleet.name_lists import some_of
from ops.deployments.events import MachineRoundBegan
from ops.deployments.judging import judge_turn
from ops.deployments.machine_install import Installation
from ops.deployments.machine_reboot import Restart, wants_reboot
from ops.deployments.machine_scripts import Describe, run_machine_scripts
from ops.deployments.ordering import decide_orders, recall_ordering
from ops.deployments.round_plans import begin_round, choose_round, most_rounds, recall_round, split_ordering
from ops.deployments.sightings import Sightings, plain, planned_versions, read_plain
from ops.deployments.turn import Turn, TurnEnded, assess

# Planning fetches package lists; what they name is still there so soon after.
_LISTS_HOLD = timedelta(minutes=15)
_TRIES_BEFORE = 3
_TRIES_AFTER = 6


class MachineRounds:
    """Works on the machine of ``turn`` and notes in ``seen`` what came of it.

    ``is_gone``: it cannot be asked any more. ``may_tidy``: scripts before were begun, or there are none, so that those
    after have their turn.
    """

    def __init__(self, turn: Turn, seen: Sightings, describe: Describe) -> None:
        self._turn = turn
        self._seen = seen
        self._describe = describe
        self._planned = frozenset(key_of(update) for update in turn.plan.selection.chosen)
        self._latest: Assessment | None = None
        self._looked_after = False
        self._has_rebooted = False
        self.is_gone = False
        self.may_tidy = False
        recall_round(turn)
        seen.before = {(u.name, u.architecture): u.installed_version for u in turn.plan.selection.chosen}

    async def work(self) -> None:
        """Does all that is left.

        Raises:
            TurnEnded: something ended it early.
            TransportFailed, JobLost, NotStarted: the machine could not be asked, or refuses.
        """
        turn = self._turn
        if turn.plan.problem:
            self.is_gone = True
            if turn.record.failure is not None:
                self._seen.note_failure(turn.record.failure)
            raise TurnEnded(turn.plan.problem, by_wish=bool(self._seen.unwanted))
        while True:
            orders = await self._prepare() if turn.ended(RunStep.CHECK) is None else self._recall()
            self.may_tidy = True
            if orders:
                self._seen.was_installing = True
                self._latest = None
                self._seen.installed = await Installation(turn, orders).run()
                self._seen.is_late = self._seen.is_late or self._seen.installed.window_exceeded
            await self._restart()
            if not await self._go_on():
                return

    async def look_after(self) -> None:
        """Assesses the machine once more where that was not done since the last change.

        Raises:
            TurnEnded, TransportFailed: it could not be.
        """
        if not self.is_gone and not self._looked_after and self._seen.was_installing:
            await self._assess_after()

    async def _prepare(self) -> tuple[PackageOrder, ...]:
        """All that comes before the installation of a round; what is to be installed."""
        turn = self._turn
        is_first = not turn.notes(RunStep.ROUND)
        self.may_tidy = RunStep.SCRIPTS_BEFORE in turn.steps or not is_first
        if turn.is_cancelled:
            raise TurnEnded("The run was cancelled before its turn.", by_wish=True)
        if turn.seconds_to_start <= 0:
            what = "its turn" if turn.record.rounds == 1 else f"round {turn.record.rounds}"
            raise TurnEnded(f"The window was over before {what}.", window_exceeded=True)
        if is_first and (error := await run_machine_scripts(turn, ScriptStage.PRE, self._describe)):
            raise TurnEnded(error)
        self.may_tidy = True
        assessment = await self._assess_ready()
        await turn.begin(RunStep.PLAN)
        ordering = split_ordering(turn, await decide_orders(turn, assessment), assessment)
        self._seen.before, self._seen.missing = planned_versions(turn.plan, assessment), ordering.missing
        await turn.end(RunStep.PLAN, {**ordering.as_detail(), "before": plain(self._seen.before)})
        await self._check(assessment)
        return ordering.orders

    async def _assess_ready(self) -> Assessment:
        """The machine once it could be installed on: where it has to be restarted before that, it is."""
        turn, policy = self._turn, self._turn.context.deployment.reboot.policy
        restart = Restart(turn)
        if not restart.was_begun:
            assessment = await self._assess_before()
            was_restarted = any(note.get("restarted") == turn.record.rounds for note in turn.notes(RunStep.ROUND))
            is_wanted = needs_restart_first(assessment) and policy is not RebootPolicy.NEVER and orders_of(turn.plan)
            if not is_wanted or was_restarted:
                return assessment
            turn.say("A restart is pending, before which nothing can be installed: it is restarted first.")
        await self._run_restart(restart)
        await turn.begin_round({"round": turn.record.rounds, "restarted": turn.record.rounds})
        self._latest = None
        return await self._assess_before()

    async def _assess_before(self) -> Assessment:
        """What it says now; nothing has changed since the last assessment of this process where there is one."""
        if self._latest is not None:
            return self._latest
        await self._turn.begin(RunStep.ASSESS_BEFORE)
        assessment = await self._assess(refresh=self._are_lists_old(), tries=_TRIES_BEFORE)
        await self._turn.end(RunStep.ASSESS_BEFORE)
        return assessment

    async def _check(self, assessment: Assessment) -> None:
        turn = self._turn
        await turn.begin(RunStep.CHECK)
        turn.find(find_remarks(assessment))
        policy = turn.context.deployment.reboot.policy
        if orders_of(turn.plan) or not turn.plan.is_windows:
            obstacles = find_obstacles(assessment, turn.plan.simulation, policy)
        else:
            obstacles = ()
        if obstacles:
            await turn.note(RunStep.CHECK, {"obstacles": list(obstacles)})
            raise TurnEnded("; ".join(obstacles))
        await turn.end(RunStep.CHECK, pulse_before=_as_first(turn.record.pulse_before, await turn.worker.look()))

    def _recall(self) -> tuple[PackageOrder, ...]:
        """What an earlier process found out before it began to install."""
        known = self._turn.ended(RunStep.PLAN) or {}
        ordering = recall_ordering(self._turn.plan, known)
        self._seen.before, self._seen.missing = read_plain(known.get("before", ())), ordering.missing
        return ordering.orders

    async def _restart(self) -> None:
        turn, policy = self._turn, self._turn.context.deployment.reboot.policy
        restart = Restart(turn)
        self._has_rebooted = False
        if not restart.was_begun:
            if turn.is_cancelled or policy is RebootPolicy.NEVER:
                return
            await self._assess_after()
            if turn.record.rounds > 1 and policy is RebootPolicy.ALWAYS:
                policy = RebootPolicy.IF_REQUIRED  # it was rebooted in the first round
            if not wants_reboot(policy, self._seen.reboot_required):
                return
        elif (known := turn.ended(RunStep.ASSESS_AFTER)) is not None:
            self._seen.recall_after(known)
        await self._run_restart(restart)
        self._has_rebooted = True

    async def _run_restart(self, restart: Restart) -> None:
        try:
            await restart.run()
        except TurnEnded as ended:
            self.is_gone = restart.is_lost
            self._looked_after = self._looked_after and ended.window_exceeded
            raise
        self._looked_after = False
        self._latest = None

    async def _go_on(self) -> bool:
        """Has a further round begin, where there may be one and the rules choose anything for it."""
        turn, seen = self._turn, self._seen
        has_done = seen.installed.report is not None or self._has_rebooted
        has_moved = turn.plan.is_windows and bool(seen.missing)  # others are offered than those of the plan
        if not (has_done or has_moved) or turn.record.rounds >= most_rounds(turn):
            return False
        is_over = turn.is_cancelled or RunStep.SCRIPTS_AFTER in turn.steps or seen.is_late
        if is_over or turn.context.deployment.reboot.policy is RebootPolicy.ONLY:
            return False
        if has_done and not self._looked_after:
            await self._assess_after()
        assessment = self._latest or await self._assess(refresh=True, tries=_TRIES_AFTER)
        if needs_restart_first(assessment) and turn.context.deployment.reboot.policy is RebootPolicy.NEVER:
            turn.say("A restart is pending, and the deployment makes none: nothing more is looked for.")
            return False
        outcomes, _ = judge_turn(turn, seen)
        has_changed = self._has_rebooted or bool(seen.newly_installed())
        selection = await choose_round(turn, assessment, outcomes, self._planned, has_changed=has_changed)
        if not selection.chosen:
            self._note_left_out(selection)
            return False
        await self._begin_round(selection, assessment)
        return True

    async def _begin_round(self, selection: Selection, assessment: Assessment) -> None:
        turn, seen = self._turn, self._seen
        outcomes, _ = judge_turn(turn, seen)
        await begin_round(turn, selection, assessment, outcomes)
        seen.begin_round(planned_versions(turn.plan, assessment))
        self._latest, self._looked_after = assessment, False
        about = turn.now, turn.machine.id, turn.machine.name
        turn.context.tell(MachineRoundBegan(*about, turn.record.rounds, len(selection.chosen)))

    def _note_left_out(self, selection: Selection) -> None:
        """What is offered only now and is not installed is among the results too, with the reason."""
        turn = self._turn
        left_out = (*turn.plan.selection.left_out, *selection.left_out)
        turn.plan = replace(turn.plan, selection=replace(turn.plan.selection, left_out=left_out))
        unapproved = [left.update.name for left in selection.left_out if left.reason is LeftOutReason.NOT_APPROVED]
        if unapproved:
            text = f"Offered only after the plan was approved, and so not installed: {some_of(unapproved)}."
            turn.find([Finding(FindingKind.JOB_NOTE, Severity.WARNING, text, "Plan another run.")])

    def _are_lists_old(self) -> bool:
        """Whether the plan was made from lists that were fetched too long ago to install from."""
        made_at = self._turn.plan.assessed_at
        return made_at is None or self._turn.now - made_at > _LISTS_HOLD

    async def _assess_after(self) -> None:
        """What is installed now: once after the installation, and once more after a reboot."""
        turn = self._turn
        known = turn.ended(RunStep.ASSESS_AFTER)
        if known is not None and known.get("reboots") == turn.record.reboots:
            self._seen.recall_after(known)
        else:
            await turn.begin(RunStep.ASSESS_AFTER)
            has_rounds = turn.record.rounds < most_rounds(turn)
            assessment = await self._assess(refresh=has_rounds and not turn.plan.is_windows, tries=_TRIES_AFTER)
            detail = self._seen.note_after(turn.plan, assessment, turn.record.outcomes)
            await turn.end(RunStep.ASSESS_AFTER, {**detail, "reboots": turn.record.reboots})
        self._looked_after = True

    async def _assess(self, *, refresh: bool, tries: int) -> Assessment:
        """An assessment that was answered.

        Raises:
            TurnEnded: the machine answered, and could not be assessed.
            TransportFailed: it did not answer.
        """
        turn, began = self._turn, self._turn.now
        assessment = await assess(turn, refresh=refresh, tries=tries)
        seconds = (turn.now - began).total_seconds()
        turn.record = replace(turn.record, assess_seconds=(turn.record.assess_seconds or 0.0) + seconds)
        if assessment.failure is not None:
            if assessment.failure.kind.means_unreachable or not assessment.was_attempted:
                raise TransportFailed(assessment.failure)
            self._seen.failure = self._seen.failure or assessment.failure
            raise TurnEnded(assessment.failure.describe())
        self._latest = assessment
        return assessment


def _as_first(first: Pulse | None, now: Pulse) -> Pulse:
    """``now``, with the units and ports of before the first round: what fails since then is ours."""
    return now if first is None else replace(now, failed_units=first.failed_units, listening=first.listening)
