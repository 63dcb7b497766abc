"""The edge of the program: runs a verb, turns whatever it raises into one line on stderr and an exit code."""

import sys
from collections.abc import Sequence

from fleet.errors import PatchdeckError
from fleet.hostile import clean
from ops.cli.app_words import read_app_words
from ops.cli.command_session import OpenApp, Session, open_app
from ops.cli.pointing import point_at
from ops.cli.streams import discard_failing_output, discard_output, repair_streams
from ops.cli.terminal import say
from ops.exit_codes import ExitCode, exit_code_of
from ops.logs import has_log, log_error


def main(opener: OpenApp, app_parent: str = "") -> int:
    """Runs what the command line asks for; ``opener`` opens the screens, the module ``app_parent`` forks them for
    `serve-ssh`. Gives the exit code of the process.
    """
    repair_streams()
    session = Session(opener, app_parent)
    try:
        code = _run(session, sys.argv[1:])
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # the reader of our output has had enough (``| head``); typer exits then
        discard_output()
        return ExitCode.OK
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except PatchdeckError as error:
        code = _complain(str(error), exit_code_of(error))
        for line in point_at(error):
            say(line)
        return code
    # The top edge of the program: whatever was not foreseen is told in one line, the rest goes to the log.
    except Exception as error:  # noqa: BLE001
        return _crashed(session, error)
    return int(code or ExitCode.OK)


def _run(session: Session, words: Sequence[str]) -> int | None:
    asked = read_app_words(words)
    if asked is None:
        from ops.cli.typed_verb import run_verb  # with typer, and the verb's declarations

        return run_verb(session, words)
    session.home_path, session.is_read_only, session.is_ascii = asked.home, asked.is_read_only, asked.is_ascii
    return open_app(session)


def _is_text(argument: str) -> bool:
    """Whether it is wholly of characters; Python keeps other bytes as halves of surrogate pairs."""
    return not any("\ud800" <= character <= "\udfff" for character in argument)


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
