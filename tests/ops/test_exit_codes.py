"""Every error has its exit code, and every code its meaning."""

import pytest

from fleet.errors import (
    BadInput,
    HomeIsNewer,
    HomeUnusable,
    PatchdeckError,
    QueryFailed,
    QueryRefused,
    QueryTimedOut,
    StoreBusy,
    UnknownName,
)
from ops.exit_codes import ExitCode, exit_code_of


@pytest.mark.parametrize("code", ExitCode, ids=lambda code: code.name)
def test_every_code_has_a_meaning(code: ExitCode) -> None:
    """The documentation has a sentence for each code."""
    assert code.meaning.endswith(".")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("x"), 2),
        (UnknownName("machine", "web", ["web-01"]), 2),
        (QueryRefused("x"), 2),
        (QueryFailed("x"), 1),
        (PatchdeckError("x"), 1),
        (HomeUnusable("x"), 4),
        (HomeIsNewer("x"), 5),
        (QueryTimedOut("x"), 6),
        (StoreBusy("x"), 7),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_ends_with_its_code(error: PatchdeckError, code: int) -> None:
    """The codes are promises: scripts rely on the numbers."""
    assert exit_code_of(error) == code
