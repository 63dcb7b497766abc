"""The options that verbs about reports have in common, and what they come to."""

from collections.abc import Sequence
from typing import Annotated

import typer

from fleet.errors import BadInput
from fleet.reports.kinds import ReportKind

Kind = Annotated[ReportKind, typer.Argument(metavar="REPORT", help=", ".join(ReportKind), show_default=False)]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The scheduled report.", show_default=False)]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="TARGET", help="Only of these machines: name, glob, tag, group; several times."),
]
Groups = Annotated[
    list[str] | None, typer.Option("--group", metavar="GROUP", help="Only of the members of this group; several times.")
]
Scope = Annotated[bool, typer.Option("--scope", help="Only of machines inside the scope.")]


def targets_of(
    targets: Sequence[str] | None, groups: Sequence[str] | None, *, may_clear: bool = False
) -> tuple[str, ...]:
    """All that is meant, as targets. ``may_clear``: an empty text takes away what was there.

    Raises:
        BadInput: one is empty otherwise: a script's variable that was not set must not mean every machine.
    """
    given = (*(targets or ()), *(groups or ()))
    if not may_clear and not all(given):
        raise BadInput("An empty --target or --group names nothing; without them every machine is meant.")
    named = (*(targets or ()), *(f"group:{group}" for group in groups or () if group))
    return tuple(dict.fromkeys(target for target in named if target))
