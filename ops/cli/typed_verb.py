"""A verb as it was typed: read by typer and run; what is wrong with its words is told as any other mistake."""

from collections.abc import Sequence

import typer

from fleet.errors import BadInput
from ops.cli.app import build_app
from ops.cli.plain_values import read_plainly
from ops.cli.session import Session


def run_verb(session: Session, words: Sequence[str]) -> int | None:
    """Runs the verb that ``words`` name and gives its exit code, None where it has nothing to say.

    Raises:
        BadInput: the words do not fit any verb.
    """
    command = typer.main.get_command(build_app(words, is_whole=True))
    read_plainly(command)
    try:
        code: int | None = command(obj=session, standalone_mode=False, prog_name="patchdeck")
    except typer.TyperException as error:
        raise BadInput(f"{_in_words(error)}{_where_to_look(error)}") from error
    return code


def _in_words(error: typer.TyperException) -> str:
    text = error.format_message().replace("Value error, ", "").rstrip()
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _where_to_look(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f" See {context.command_path} --help." if context is not None else ""
