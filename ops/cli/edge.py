"""The edge of the program: runs a verb, turns whatever it raises into one line on stderr and an exit code."""

import os
import sys
from contextlib import suppress

import typer

from fleet.errors import PatchdeckError
from fleet.hostile import clean
from ops.cli.app import build_app
from ops.cli.session import OpenApp, Session
from ops.cli.terminal import say
from ops.exit_codes import ExitCode, exit_code_of
from ops.logs import log_error


def main(open_app: OpenApp) -> int:
    """Runs what the command line asks for; ``open_app`` opens the screens. Gives the exit code of the process."""
    _take_any_text()
    session = Session(open_app)
    try:
        code = build_app()(obj=session, standalone_mode=False, prog_name="patchdeck")
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_is_gone()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except typer.TyperException as error:
        return _complain(f"{error.format_message()}{_where_to_look(error)}", ExitCode.USAGE)
    except PatchdeckError as error:
        return _complain(str(error), exit_code_of(error))
    # The top edge of the program: whatever was not foreseen is told in one line, the rest goes to the log.
    except Exception as error:  # noqa: BLE001
        return _crashed(session, error)
    return int(code or ExitCode.OK)


def _take_any_text() -> None:
    """A terminal whose encoding lacks a character gets a replacement, never an error."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _where_to_look(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f" See {context.command_path} --help." if context is not None else ""


def _complain(text: str, code: ExitCode) -> int:
    say(f"patchdeck: {clean(text)}")
    return code


def _reader_is_gone() -> int:
    """Ends quietly when the reader of our output has had enough (``| head``)."""
    # Python flushes stdout once more at exit and would complain.
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return ExitCode.OK


def _crashed(session: Session, error: Exception) -> int:
    what = f"{type(error).__name__}: {error}"
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        what = f"{where}{error.strerror}"
    if session.opened is None:
        return _complain(f"failed: {what}", ExitCode.FAILED)
    log_error("verb broke", error, arguments=" ".join(sys.argv[1:3]))
    return _complain(f"failed: {what} (details in {session.opened.log_file})", ExitCode.FAILED)
