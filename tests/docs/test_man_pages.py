"""The man pages: one for the program and one for each verb, clean under the formatters that are installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ops.cli.app import VERB_MODULES

FOLDER = Path(__file__).parents[2] / "docs" / "man"
PAGES = sorted(FOLDER.glob("*.1"))


def test_each_verb_has_a_page() -> None:
    """And none is left of a verb that is gone."""
    verbs = {f"patchdeck-{name.replace('_', '-')}.1" for name in VERB_MODULES if name != "complete"}
    assert {page.name for page in PAGES} == verbs | {"patchdeck.1"}


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_finds_nothing_to_warn_of() -> None:
    """No request that does not exist, no word taken for one."""
    done = subprocess.run(
        ["groff", "-man", "-ww", "-z", "-Tutf8", *PAGES], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_what_is_read_is_what_the_help_says() -> None:
    """Names of options keep their hyphens, and no sentence is lost to a leading dot."""
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-P-cbou", FOLDER / "patchdeck-query.1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "--as-of" in done.stdout
    assert "$PATCHDECK_HOME" in subprocess.run(
        ["groff", "-man", "-Tascii", "-P-cbou", FOLDER / "patchdeck.1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.replace("\n", " ")
