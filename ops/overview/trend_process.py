"""A process that asks for the trend and prints it: ``python -m``, with what is asked on standard input."""

import json
import sys
from datetime import datetime
from pathlib import Path

from fleet.errors import PatchdeckError
from ops.home import open_home
from ops.overview.trend import ask_trend, write_days


def main() -> int:
    """Answers what comes on standard input; an error is one line on standard error."""
    asked = json.load(sys.stdin)
    as_of = datetime.fromisoformat(asked["as_of"]) if asked["as_of"] else None
    try:
        home = open_home(Path(asked["home"]), create=False, read_only=asked["read_only"])
        days = ask_trend(home, datetime.fromisoformat(asked["now"]), as_of)
    except PatchdeckError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(write_days(days))
    return 0


if __name__ == "__main__":
    sys.exit(main())
