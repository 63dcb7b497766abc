"""Two edits of one deployment that meet at the terminal: whoever sits there says what becomes of them."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.window import Window
from fleet.edit_conflicts import EditConflict
from fleet.errors import BadInput
from fleet.updates import Classification
from ops.cli.deployment_editor import edit_in_editor
from ops.deployments.definitions import change, define, find_deployment
from ops.deployments.editing import draft_of
from ops.home import Home, open_home
from tests.ops.cli.conftest import Patchdeck

_WEB = Deployment("web", ("all",), UpdateRules(classes=(Classification.SECURITY,)), window=Window(90))


class _Keys(io.StringIO):
    """What is typed at a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose deployment somebody else changes while the editor is open, in which the window is made 45."""
    home = open_home(tmp_path / "home")
    define(home, _WEB)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def other_edit(path: Path) -> None:
        stored = find_deployment(home, "web")
        theirs = replace(stored.deployment, window=Window(30), description="theirs")
        change(home, stored, theirs)
        path.write_text(path.read_text().replace("90", "45"))

    monkeypatch.setattr("ops.cli.deployment_editor.open_editor", other_edit)
    return home


@pytest.mark.parametrize(("keys", "minutes"), [("t\n", 30), ("m\n", 45), ("b\nm\n", 45)])
def test_terminal_is_asked_what_becomes_of_two_edits(
    edited: Home, keys: str, minutes: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Theirs, or mine over theirs: then what only they changed stays. Both can be looked at first."""
    monkeypatch.setattr("sys.stdin", _Keys(keys))

    after = edit_in_editor(edited, draft_of(find_deployment(edited, "web")))

    assert (after.deployment.window.minutes, after.deployment.description) == (minutes, "theirs")
    told = capsys.readouterr().err
    assert "changed deployment web at" in told
    assert ("was 90; theirs 30; yours 45. BOTH changed it" in told) is keys.startswith("b")


@pytest.mark.parametrize("keys", ["\n", ""])
def test_edit_that_nobody_decides_is_kept_in_its_file(edited: Home, keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter, or a terminal that is gone: theirs stands, and the error names the file with mine."""
    monkeypatch.setattr("sys.stdin", _Keys(keys))

    with pytest.raises(BadInput, match="Your text is kept in") as told:
        edit_in_editor(edited, draft_of(find_deployment(edited, "web")))

    assert isinstance(told.value.__cause__, EditConflict)
    assert "45" in Path(str(told.value).partition("kept in ")[2].partition(";")[0]).read_text()
    assert find_deployment(edited, "web").deployment.window.minutes == 30


def test_edit_can_ask_for_the_revision_that_was_read(patchdeck: Patchdeck) -> None:
    """A script that read revision 1 changes nothing of revision 2, and hears who made it."""
    patchdeck("deployments", "add", "web", "--target", "all", "--class", "security")
    patchdeck("deployments", "edit", "web", "--window", "60", "--revision", "1")

    refused = patchdeck("deployments", "edit", "web", "--window", "30", "--revision", "1", code=2)

    assert "it is revision 2 by now. Nothing was changed" in refused.err
