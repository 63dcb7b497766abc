"""`patchdeck metrics`."""

from pathlib import Path
from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_text
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("metrics")(metrics)


def metrics(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write them to this file: whole or not at all, readable for all."
        ),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Print metrics for Prometheus, as they are now.

    The background service writes the same each minute to a file for node_exporter, or serves it on loopback: see the
    settings metrics.textfile and metrics.listen. Ends with 1 where a part could not be gathered; the rest is printed.

    Example: `patchdeck metrics | grep patchdeck_machines`
    """
    from fleet.errors import BadInput
    from ops.cli.listing import show_listing
    from ops.cli.metric_listing import list_samples
    from ops.metrics.gathering import Gatherer
    from ops.state.audit import utc_now

    if json and output is not None:
        raise BadInput("A file of metrics is in Prometheus' text format: leave out --json.")
    session = session_of(context)
    gathered = Gatherer(session.home()).gather(session.settings(), utc_now())
    if json:
        show_listing(list_samples(gathered), as_json_text=True)
    else:
        _write(gathered.page(), output)
    for problem in gathered.problems:
        say(problem)
    return ExitCode.OK if gathered.is_whole else ExitCode.FAILED


def _write(text: str, output: Path | None) -> None:
    from ops.metrics.textfile import write_textfile
    from ops.permission import require_elsewhere

    if output is None:
        show_text(text)
        return
    require_elsewhere(output)
    write_textfile(output.absolute(), text)
