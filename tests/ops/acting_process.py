"""Runs verbs as whoever it was started as: a line of JSON with arguments in, a line with how they ended out.

One process for many verbs: importing Patchdeck takes longer than most of them.
"""

import json
import os
import sys
import tempfile
from collections.abc import Sequence

from ops.cli import main


def act(arguments: Sequence[str]) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of ``patchdeck ARGUMENTS``."""
    sys.argv = ["patchdeck", *arguments]
    kept = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        try:
            code = main(lambda _request: 0)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)
            os.close(kept[0])
            os.close(kept[1])
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()


if __name__ == "__main__":
    os.umask(int(sys.argv[1], 8))
    answers = os.fdopen(os.dup(1), "w")
    for line in iter(sys.stdin.readline, ""):
        answers.write(json.dumps(act(json.loads(line))) + "\n")
        answers.flush()
