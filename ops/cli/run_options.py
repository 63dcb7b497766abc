"""The argument and the options that verbs about runs have in common."""

from typing import Annotated

import typer

Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="Its id, the beginning of it, or a deployment's name for the run that goes on, else waits, else was last.",
        show_default=False,
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the run and in the audit.")]
Here = Annotated[
    bool, typer.Option("--here", help="Work on it in this process, not in the background service; ends with it.")
]
