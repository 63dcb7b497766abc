"""The change record of a run, for the ticket: what was done, when, by whom, what was not, and why."""

from collections.abc import Sequence
from datetime import datetime

from fleet.deployments.change_record_contents import compose
from fleet.deployments.change_record_html import write_html
from fleet.deployments.change_record_markdown import write_markdown
from fleet.deployments.plan import Plan
from fleet.deployments.runs import Intervention, MachineRun, Run


def change_record_markdown(
    run: Run,
    machines: Sequence[MachineRun],
    plan: Plan | None,
    interventions: Sequence[Intervention] = (),
    *,
    as_of: datetime | None = None,
) -> str:
    """The record as Markdown; the same for the same run, whenever it is written. ``plan`` None: none was frozen.

    ``as_of`` is the earlier time at which the run stood so, None for the present.
    """
    return write_markdown(compose(run, machines, plan, interventions, as_of))


def change_record_html(
    run: Run,
    machines: Sequence[MachineRun],
    plan: Plan | None,
    interventions: Sequence[Intervention] = (),
    *,
    as_of: datetime | None = None,
) -> str:
    """The same as one HTML page that needs nothing beside it."""
    title = f"Change record: {run.deployment.name}, {run.id}"
    return write_html(title, compose(run, machines, plan, interventions, as_of))
