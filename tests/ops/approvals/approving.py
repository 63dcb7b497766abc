"""A fake fleet whose deployment needs approval, the people around it, and what they do."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from fleet.approvals import Approval
from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Plan
from fleet.deployments.runs import Requester, Run
from fleet.messages import Message, MessageKind
from fleet.persons import Person
from ops.approvals.giving import Given, approve
from ops.deployments.new_runs import new_run
from ops.deployments.preview import PreviewOptions, preview
from ops.state.approvals import ApprovalBook, with_edition
from ops.state.audit import Audit
from ops.state.database import connect, opened
from ops.state.deployments import DeploymentBook
from ops.state.documents import Codec
from ops.state.outbox import Outbox
from ops.state.runs import RunBook
from tests.ops.deployments.fake_runs import NIGHTLY, FakeRuns
from tests.ops.deployments.virtual_time import run_virtual

ANNA, BOB, CARL, DORA = (Person((number,), name) for number, name in enumerate(("anna", "bob", "carl", "dora"), 4001))
GUARDED = replace(NIGHTLY, needs_approval=1, channels=("ops",))


def define(runs: FakeRuns, deployment: Deployment = GUARDED, person: Person = ANNA) -> None:
    """Add ``deployment``, or put it in the place of the one of its name, as ``person``."""
    with closing(connect(runs.home.state_file)) as connection:
        book = DeploymentBook(connection, Audit(connection, clock=runs.clock), person)
        if any(each.deployment.name == deployment.name for each in book.list()):
            book.replace(deployment)
        else:
            book.add(deployment)


def ask_for_run(
    runs: FakeRuns,
    deployment: Deployment = GUARDED,
    person: Person | None = BOB,
    opens_in: float = 0.0,
    required_plan: str = "",
) -> Run:
    """A run that ``person`` asked for; None: the schedule did."""
    requester = Requester(person.name, person=person) if person else Requester("schedule")
    made = new_run(deployment, runs.clock() + timedelta(seconds=opens_in), requester, required_plan, runs.clock)
    with closing(connect(runs.home.state_file)) as connection:
        run = with_edition(connection, made)
        RunBook(connection).make(run)
    return run


def previewed(runs: FakeRuns, deployment: Deployment = GUARDED) -> Plan:
    """The plan of ``deployment`` as a preview shows it now."""
    options = PreviewOptions(runs.fleet.make_worker, runs.clock)
    return run_virtual(preview(runs.home, deployment, options, lambda _event: None))


def approve_plan(runs: FakeRuns, plan_hash: str, person: Person = CARL, name: str = "nightly") -> Given:
    """Approve as ``person``."""
    return approve(runs.home, name, plan_hash, person=person, clock=runs.clock)


def approvals_of(runs: FakeRuns, name: str = "nightly") -> Sequence[Approval]:
    """All approvals of the deployment."""
    with opened(runs.home.state_file) as connection:
        return ApprovalBook(connection).given(name)


def messages_of(runs: FakeRuns, kind: MessageKind) -> list[Message]:
    """What waits in the outbox, in the order it was posted."""
    codec = Codec(Message)
    with opened(runs.home.state_file) as connection:
        rows = connection.execute("SELECT document FROM messages ORDER BY rowid").fetchall()
        found = [codec.load(document) for (document,) in rows]
        assert all(Outbox(connection).find(each.id) == each for each in found)
    return [each for each in found if each.kind is kind]
