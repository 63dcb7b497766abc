"""Tests of collectors.shell_text: shorter scripts that do the same."""

import shutil
import subprocess

import pytest

from collectors.managers import MANAGERS
from collectors.probe import read_part
from collectors.shell_text import shorten

_PARTS = ["frame.sh", "become.sh", "linux.sh", "main.sh", *(f"{manager.name}.sh" for manager in MANAGERS)]


def _functions(script: str) -> str:
    """What bash understood of the functions in ``script``, printed in its own form."""
    quiet = script.replace("main </dev/null", ":").replace("gather </dev/null", ":").replace("\nexit 0", "")
    run = subprocess.run(["bash", "--posix"], input=f"{quiet}\ndeclare -f", capture_output=True, text=True, check=True)
    return run.stdout


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed here")
@pytest.mark.parametrize("name", _PARTS)
def test_every_part_means_the_same_when_shortened(name: str) -> None:
    """A shell reads the very same functions out of it, and it is a good deal shorter."""
    whole = read_part(name)

    assert _functions(shorten(whole)) == _functions(whole)
    assert len(shorten(whole)) < len(whole)


@pytest.mark.parametrize("name", _PARTS)
def test_no_part_has_a_here_document(name: str) -> None:
    """The shortening does not know them."""
    assert "<<" not in read_part(name)


def test_what_stands_in_quotes_over_lines_is_kept() -> None:
    """Its indentation and its number signs are data."""
    assert shorten("a='x\n    # y\n    z'\n    # gone\n\n    b\n") == "a='x\n    # y\n    z'\nb\n"


def test_quotes_in_comments_and_after_backslashes_open_nothing() -> None:
    """An apostrophe that is not a quote does not keep what follows."""
    assert shorten("a # it's\n  b\n  c \\'\n  d\n") == "a # it's\nb\nc \\'\nd\n"
