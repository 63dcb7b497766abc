"""The process that answers questions to the tables: ``python -m``, over its standard streams, as long as it is asked.

It ends by itself once nobody asks for a while, and at once, whatever it is reading, when the one who asks has ended.
"""

import os
import select
import signal
import sys
import traceback
from importlib import import_module
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from threading import Thread
from typing import IO

from fleet.errors import PatchdeckError
from ops.acting_login import act_as, acting_login
from ops.apart.questions import ANSWERED
from ops.apart.wire import Answer, Question, receive, send
from ops.home import open_home

# Who looks at one update looks at the next one within this; what it has in memory is given back then.
IDLE_SECONDS = 20.0


def main(idle_seconds: float = IDLE_SECONDS) -> int:
    """Answers what comes on standard input."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the terminal's: the one who asks decides
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    Thread(target=_leave_with_asker, name="the asker's end", daemon=True).start()
    while select.select([sys.stdin.buffer], [], [], idle_seconds)[0]:
        try:
            question = receive(sys.stdin.buffer)
        except (EOFError, UnpicklingError):
            break
        try:
            _send(answers, _answer(question))
        except OSError:
            break
    return 0


def _leave_with_asker() -> None:
    ending = select.poll()
    ending.register(sys.stdin.fileno(), 0)  # no questions, which others read: that there will be none is always told
    ending.poll()
    os._exit(0)


def _send(answers: IO[bytes], answer: Answer) -> None:
    whole = BytesIO()
    try:
        send(whole, answer)
    except Exception:  # noqa: BLE001 - the edge of a task: what cannot be handed over is told
        whole = BytesIO()
        send(whole, Answer(broke=traceback.format_exc()))
    answers.write(whole.getbuffer())
    answers.flush()


def _answer(question: Question) -> Answer:
    try:
        if question.work not in ANSWERED:
            return Answer(broke=f"{question.work} is no question that is answered here")
        if question.login is not None and acting_login() is None:
            act_as(question.login)
        home = open_home(Path(question.home), create=False, read_only=question.read_only)
        module, _, name = question.work.partition(":")
        return Answer(getattr(import_module(module), name)(home, *question.arguments))
    except PatchdeckError as error:
        kind = type(error)
        return Answer(error=str(error), error_type=f"{kind.__module__}:{kind.__qualname__}")
    except Exception:  # noqa: BLE001 - the edge of a task: the one who asks is told, and logs it
        return Answer(broke=traceback.format_exc())


if __name__ == "__main__":
    sys.exit(main())
