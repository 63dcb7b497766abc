"""Rows that somebody writes past Patchdeck."""

from contextlib import closing

from fleet.approvals import Approval
from fleet.persons import Person
from ops.state.approvals import ApprovalBook
from ops.state.database import connect
from ops.state.documents import Codec
from tests.ops.deployments.fake_runs import FakeRuns


def forge(runs: FakeRuns, plan: str, person: Person, *, audited: bool = False) -> None:
    """Write an approval of ``plan`` into state.db; only with ``audited`` into the audit too."""
    approval = Approval("nightly", plan, person, runs.clock(), audit_id=1)
    with closing(connect(runs.home.state_file)) as connection:
        if audited:
            ApprovalBook(connection, clock=runs.clock).give(approval)
            return
        connection.execute(
            "INSERT INTO approvals (deployment, plan_hash, document) VALUES (?, ?, ?)",
            (approval.deployment, plan, Codec(Approval).dump(approval)),
        )
