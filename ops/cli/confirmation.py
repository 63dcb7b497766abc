"""Questions to whoever sits at the terminal; nobody is asked where nobody sits."""

import sys

from fleet.errors import BadInput
from ops.cli.terminal import say


def confirm(question: str, option: str) -> bool:
    """Whether the answer to ``question`` is yes; anything but y or yes is no.

    Raises:
        BadInput: standard input is no terminal; ``option`` says yes instead.
    """
    if not sys.stdin.isatty():
        raise BadInput(f"{question} Standard input is no terminal to answer on: give {option}.")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        say("")
    return answer.strip().casefold() in {"y", "yes"}
