"""`patchdeck complete`: what the scripts of `patchdeck completion` ask, at each press of tab."""

from typing import Annotated

import typer

from ops.cli.terminal import show_lines
from ops.completion.answering import Shell
from ops.exit_codes import ExitCode

# Says to the script that files may stand there; no other verb ends so.
_FILES = 64


def add_to(app: typer.Typer) -> None:
    """Adds the verb, which no help shows."""
    app.command("complete", hidden=True)(complete)


def complete(
    shell: Annotated[Shell, typer.Argument(help="For which shell.", show_default=False)],
    words: Annotated[list[str], typer.Argument(help="What is typed so far.", show_default=False)],
) -> ExitCode:
    """Say what may stand next in a command line; for shells, not for people."""
    from ops.completion.answering import lines_of, words_of
    from ops.completion.command_line import complete as complete_words

    offers = complete_words(words_of(shell, words) or [""])
    show_lines(lines_of(shell, words, offers))
    if offers.are_files:
        raise typer.Exit(_FILES)
    return ExitCode.OK
