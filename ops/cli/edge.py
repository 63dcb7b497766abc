"""The edge of the program: runs a verb, turns whatever it raises into one line on stderr and an exit code."""

import sys

import typer

from fleet.errors import PatchdeckError
from fleet.hostile import clean
from ops.cli.app import build_app
from ops.cli.plain_values import read_plainly
from ops.cli.pointing import point_at
from ops.cli.session import OpenApp, Session
from ops.cli.streams import discard_failing_output, discard_output, repair_streams
from ops.cli.terminal import say
from ops.exit_codes import ExitCode, exit_code_of
from ops.logs import has_log, log_error


def main(open_app: OpenApp, app_parent: str = "") -> int:
    """Runs what the command line asks for; ``open_app`` opens the screens, the module ``app_parent`` forks them for
    `serve-ssh`. Gives the exit code of the process.
    """
    repair_streams()
    session = Session(open_app, app_parent)
    try:
        command = typer.main.get_command(build_app(sys.argv[1:], is_whole=True))
        read_plainly(command)
        code = command(obj=session, standalone_mode=False, prog_name="patchdeck")
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # the reader of our output has had enough (``| head``); typer exits then
        discard_output()
        return ExitCode.OK
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except typer.TyperException as error:
        return _complain(f"{_in_words(error)}{_where_to_look(error)}", ExitCode.USAGE)
    except PatchdeckError as error:
        code = _complain(str(error), exit_code_of(error))
        for line in point_at(error):
            say(line)
        return code
    # The top edge of the program: whatever was not foreseen is told in one line, the rest goes to the log.
    except Exception as error:  # noqa: BLE001
        return _crashed(session, error)
    return int(code or ExitCode.OK)


def _is_text(argument: str) -> bool:
    """Whether it is wholly of characters; Python keeps other bytes as halves of surrogate pairs."""
    return not any("\ud800" <= character <= "\udfff" for character in argument)


def _in_words(error: typer.TyperException) -> str:
    text = error.format_message().replace("Value error, ", "").rstrip()
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _where_to_look(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f" See {context.command_path} --help." if context is not None else ""


def _complain(text: str, code: ExitCode) -> int:
    say(f"patchdeck: {clean(text)}")
    return code


def _crashed(session: Session, error: Exception) -> int:
    # A path may be any bytes, so that no argument is refused before somebody takes it for a text.
    wrong = next((each for each in sys.argv[1:] if not _is_text(each)), "")
    if isinstance(error, UnicodeEncodeError) and wrong:
        return _complain(f"The argument {wrong!r} is no text in UTF-8.", ExitCode.USAGE)
    is_output_gone = discard_failing_output()
    what = f"{type(error).__name__}: {error}"
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else "standard output: " if is_output_gone else ""
        what = f"{where}{error.strerror}"
    if session.opened is None or not has_log():
        return _complain(f"failed: {what}", ExitCode.FAILED)
    log_error("verb broke", error, arguments=" ".join(sys.argv[1:3]))
    return _complain(f"failed: {what} (details in {session.opened.log_file})", ExitCode.FAILED)
