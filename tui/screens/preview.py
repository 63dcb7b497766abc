"""What a deployment would do now: machines appear as they are planned; nothing is installed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fleet.answers import Answer
from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import MachinePlan, Plan
from ops.cli.values import count_of
from tui.background import in_thread
from tui.previewing import Preview
from tui.rows.approval_rows import need_pieces
from tui.rows.plan_rows import PLAN_COLUMNS, describe_plan, plan_row, problem_of, waiting_row
from tui.scanning import Mailbox
from tui.screens.detailed_screen import DetailedScreen
from tui.tones import Tone
from tui.unlocking import with_secrets
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from fleet.approvals import Standing
    from fleet.errors import PatchdeckError
    from fleet.machines import Machine
    from ops.deployments.preview import PreviewEvent

# As with assessments: more often would only be bytes on the line.
DELIVERY_SECONDS = 0.1


class PreviewScreen(DetailedScreen):
    """The plan of ``deployment``, a row for each machine."""

    COLUMNS = PLAN_COLUMNS
    DEFAULT_ORDER = "wave"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "changes", tooltip="The exact changes on the machine under the cursor"),
        Binding("r", "run", "run this plan", tooltip="Run the deployment, only if this is still the plan then"),
        Binding("a", "approve", "approve", tooltip="Approve exactly this plan, where it needs approvals; asks first"),
        Binding("H", "copy_hash", "copy hash", tooltip="Copy the plan's hash, for --require-plan"),
        Binding("w", "write", "write", tooltip="Write the plan to a file, as JSON"),
        Binding("x", "stop", "stop", show=False, tooltip="Ask no further machine; what is planned is shown"),
        Binding("f5", "again", "again", show=False, tooltip="Preview once more"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else stop and go back"),
    ]

    def __init__(self, deployment: Deployment) -> None:
        super().__init__()
        self._deployment = deployment
        self.crumb = f"Preview {deployment.name}"
        self._preview: Preview | None = None
        self._machines: Sequence[Machine] = ()
        self._plans: dict[str, MachinePlan] = {}
        self._plan: Plan | None = None
        self._problem = ""
        self._standing: Standing | None = None
        self._let_go: Callable[[], object] = lambda: None

    def on_mount(self) -> None:
        """Begins; follows whether others approve."""
        self.deck.work.decided.subscribe(self, lambda _: self._look_for_approvals())
        self.action_again()

    def on_unmount(self) -> None:
        """Ends what still asks machines."""
        if self._preview is not None:
            self._preview.stop()

    # How it comes in

    def action_again(self) -> None:
        """Previews, where that is not being done already."""
        from ops.deployments.run_requests import machines_of

        if self._preview is not None:
            self.deck.say("The preview is being made: x stops it.")
            return
        deck = self.deck
        # What machines answer is stored once all have: that would be barred in the past, and the plan with it.
        self._let_go = deck.travel.keep_present(
            f"A preview of {self._deployment.name} is being made: x there stops it."
        )
        self._preview, self._plan, self._problem = Preview(deck.home, self._deployment), None, ""
        self._plans.clear()
        work = lambda: machines_of(deck.home, self._deployment)  # noqa: E731  # one expression, used once
        in_thread(deck, work, self._begin, self._failed, what="looking for the machines")
        self._show()

    def _begin(self, machines: "Sequence[Machine]") -> None:
        deck, preview = self.deck, self._preview
        if preview is None or not self.is_up:
            self._let_go()
            return
        self._machines = machines
        self._show()
        mailbox: Mailbox[PreviewEvent] = Mailbox(
            self._take, lambda deliver: deck.call_later(deck.set_timer, DELIVERY_SECONDS, deliver)
        )

        def begin() -> None:
            in_thread(deck, lambda: preview.run(mailbox.put), self._done, self._failed, what="making the preview")

        with_secrets(deck, machines, begin, by_service=True)

    def _take(self, events: "list[PreviewEvent]") -> None:
        from ops.deployments.preview import PlanNote

        plans = [event.plan for event in events if not isinstance(event, PlanNote) and event.plan is not None]
        for note in (event.text for event in events if isinstance(event, PlanNote)):
            self.deck.say(note)
        if self._plan is not None or not self.is_up:
            return
        self._plans |= {plan.machine_id: plan for plan in plans}
        self.table.replace_rows(map(plan_row, plans))
        self.show_title()

    def _done(self, plan: Plan) -> None:
        self._let_go()
        self._preview, self._plan = None, plan
        self._plans = {each.machine_id: each for each in plan.machines}
        self._show()
        self._look_for_approvals()

    def _look_for_approvals(self) -> None:
        from tui.approval_deeds import look_for_approvals

        if self._plan is not None:
            look_for_approvals(self.deck, self._deployment, self._plan.hash, self._take_standing)

    def _take_standing(self, standing: "Standing") -> None:
        self._standing = standing
        if self.is_up:
            self.show_title()

    def _failed(self, error: "PatchdeckError") -> None:
        # What was there stays; the line says what is missing.
        self._let_go()
        self._preview, self._problem = None, str(error)
        self._show()

    def _show(self) -> None:
        if not self.is_up:
            return
        planned = self._plans
        machines = [(each.machine_id, each.machine_name) for each in self._plan.machines] if self._plan else []
        machines = machines or [(each.id, each.name) for each in self._machines]
        self.table.set_rows([plan_row(planned[id_]) if id_ in planned else waiting_row(id_, n) for id_, n in machines])
        self.show_notice()
        self.show_title()
        self.show_detail()

    # What is shown

    def title_facts(self) -> list[Piece]:
        """How far it is, then the hash; what stands against the plan."""
        facts = []
        if self._plan is not None:
            facts.append(Piece(f"hash {self._plan.hash[:12]}", Tone.KEY))
            facts += need_pieces(self._standing)
        elif self._preview is not None:
            facts.append(Piece(f"{len(self._plans):,} of {len(self._machines):,} planned …", Tone.ACCENT))
        plans = self._plans.values()
        troubled = sum(bool(problem_of(plan)) for plan in plans)
        too_long = sum(plan.fits is Answer.NO for plan in plans)
        changes = sum(len(plan.simulation.changes) for plan in plans if not problem_of(plan))
        facts.append(Piece(count_of(changes, "change"), Tone.NORMAL))
        facts += [Piece(f"{too_long:,} too long", Tone.BAD)] if too_long else []
        facts += [Piece(f"{troubled:,} with a problem", Tone.BAD)] if troubled else []
        return facts

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the machine's plan."""
        if (plan := self._plans.get(row.key)) is None:
            return ((Piece("It is assessed, and its package manager simulates. Nothing is installed.", Tone.DIM),),)
        return describe_plan(plan, self._deployment.window)

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What keeps the preview from being made, else that it begins."""
        if self._problem:
            again = (Piece("f5", Tone.KEY), Piece("  once more"))
            return ((Piece(self._problem, Tone.BAD),), again, (Piece("esc", Tone.KEY), Piece(" goes back")))
        return ((Piece("Looking for the machines …", Tone.DIM),),)

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the exact changes on the machine under the cursor."""
        from tui.screens.machine_plan import MachinePlanScreen

        row = self.table.cursor_row
        if row is None:
            return
        if plan := self._plans.get(row.key):
            self.app.push_screen(MachinePlanScreen(plan, self._deployment))
        else:
            self.deck.say("That machine is not planned yet.")

    def action_run(self) -> None:
        """Asks whether to run exactly this."""
        from tui.deployment_deeds import ask_to_run

        if self._plan is None:
            self.deck.say("There is no plan yet that could be run.")
        else:
            ask_to_run(self.deck, self._deployment, self._plan.hash)

    def action_approve(self) -> None:
        """Asks whether to approve exactly this."""
        from tui.approval_deeds import ask_to_approve_plan

        if self._plan is None:
            self.deck.say("There is no plan yet that could be approved.")
        else:
            ask_to_approve_plan(self.deck, self._deployment, self._plan)

    def action_copy_hash(self) -> None:
        """Copies the hash."""
        if self._plan is None:
            self.deck.say("The hash is known once all machines are planned.")
        else:
            self.deck.copy(self._plan.hash, f"the hash {self._plan.hash[:12]}")

    def action_write(self) -> None:
        """Asks for a file, and writes the plan into it."""
        from ops.cli.plan_file import write_plan
        from tui.screens.file_form import FileForm

        if (plan := self._plan) is None:
            self.deck.say("There is no plan yet that could be written.")
            return
        deck = self.deck

        def answered(path: Path | None) -> None:
            if path is not None:
                said = lambda _: deck.say(f"{path} is written.")  # noqa: E731  # one expression, used once
                in_thread(deck, lambda: write_plan(path, plan), said, deck.complain, what="writing the plan")

        deck.push_screen(
            FileForm("Write the plan", f"{plan.deployment}-plan.json", "JSON, for whoever approves it."), answered
        )

    def action_stop(self) -> None:
        """Asks no further machine."""
        if self._preview is None:
            self.deck.say("No preview is being made.")
        else:
            self._preview.stop()
            self.deck.say("Stopping: what is planned by now is shown …")
