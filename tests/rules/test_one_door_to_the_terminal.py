"""What verbs print goes through the doors that take out what steers a terminal."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PRINTING = re.compile(r"\bstdout\.(buffer\.)?write|\btyper\.s?echo\(|(?<![\w.])print\(")
# The doors themselves; JSON in ASCII, and the name of the version.
_ALLOWED = {"app.py", "audit_listing.py", "listing.py", "terminal.py"}


def test_verbs_print_through_the_doors() -> None:
    """Whatever else writes to standard output would hand a terminal what machines said."""
    folder = ROOT / "ops" / "cli"
    printing = {
        str(path.relative_to(folder)) for path in folder.rglob("*.py") if _PRINTING.search(path.read_text("utf-8"))
    }
    assert printing == _ALLOWED
