"""Read-only mode: every verb that reads does, every other one ends with 11, and the home stays as it was."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from ops.cli.app import build_app
from ops.cli.verb_roles import ADMINISTERING, OPERATING, READING
from ops.exit_codes import ExitCode
from tests.ops.cli.conftest import Patchdeck

# They write no home of the user's, or are not called by people.
_APART = {"demo"}
# SQLite's shared memory and log: whoever reads may make them, they say nothing by themselves.
_SHARED_MEMORY = ("state.db-shm", "state.db-wal")


# Any: typer names no public type for a built command.
def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every verb below ``command`` with its words, by walking the tree; a group that does something by itself, too."""
    if not hasattr(command, "commands"):
        yield " ".join(words), command
        return
    if words and command.invoke_without_command:
        yield " ".join(words), command
    for name, child in command.commands.items():
        yield from leaves(child, (*words, name))


VERBS = dict(leaves(typer.main.get_command(build_app())))


@pytest.fixture
def used_home(patchdeck: Patchdeck, home: Path, transcript: Callable[..., Path]) -> Path:
    """A home with a machine, a deployment, a group and a query."""
    patchdeck("machines", "add", "web", "--transport", "scripted", "--transcript", str(transcript("web", failure={})))
    patchdeck("groups", "add", "all-of-them", "--where", "name = web")
    patchdeck("deployments", "add", "nightly", "--target", "all", "--class", "security")
    return home


def digest(home: Path) -> dict[str, str]:
    """What every file of ``home`` holds."""
    files = [path for path in home.rglob("*") if path.is_file() and path.name not in _SHARED_MEMORY]
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# They speak to strangers, and say nothing of the home.
_TELL_NO_MORE = {"enrol-accept"}
# What these verbs want to be given beside what their command lines require.
_WANTED = {
    "alerts add": ["--starter", "run-failed"],
    "alerts edit": ["web", "--severity", "error"],
    "channels add": ["other", "command", "--command", "/bin/true"],
    "deployments add": ["--target", "all", "--class", "security", "other"],
    "deployments preview": ["nightly"],
    "enrol-token revoke": ["9c41d07e"],
    "home share": ["--viewers", "users"],
    "machines approve": ["web"],
    "profiles set-secret": ["web", "password"],
    "reports schedule add": ["web", "compliance"],
}


def words_for(verb: str) -> list[str]:
    """Arguments that get past the reading of the command line."""
    if verb in _WANTED:
        return _WANTED[verb]
    words = []
    command = VERBS[verb]
    for parameter in command.params:
        if parameter.required and parameter.param_type_name == "argument":
            words.append("web")
        elif parameter.required:
            words += [parameter.opts[0], "1"]
    return words


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - READING - _APART))
def test_verb_that_is_not_for_reading_is_refused(patchdeck: Patchdeck, used_home: Path, verb: str) -> None:
    """It ends with 11, or says first what is wrong with what was given; nothing in the home is other than before."""
    before = digest(used_home)

    ended = patchdeck("--read-only", *verb.split(), *words_for(verb), code=int(ExitCode.NOT_PERMITTED))

    assert "opened read-only" in ended.err or verb in _TELL_NO_MORE
    assert digest(used_home) == before


def test_every_verb_is_in_one_list_of_roles() -> None:
    """A new verb fails here until somebody says which role it takes; a verb that was renamed gives nobody more."""
    assert [
        verb for verb in VERBS if [verb in each for each in (READING, OPERATING, ADMINISTERING)].count(True) != 1
    ] == []
    assert (READING | OPERATING) - {""} <= VERBS.keys()


@pytest.mark.parametrize("verb", sorted(name for name in VERBS if name.split()[-1] in {"list", "show", "status"}))
def test_verb_that_only_shows_is_for_viewers(verb: str) -> None:
    """What is called list, show or status is in the list of those that read."""
    assert verb in READING


def test_reading_verbs_say_the_same(patchdeck: Patchdeck, used_home: Path, tmp_path: Path) -> None:
    """Lists, pages, queries, exports and history are as without the option, and leave the home as it was."""
    verbs: tuple[tuple[str, ...], ...] = (
        ("machines", "list"),
        ("machines", "show", "web"),
        ("groups", "show", "all-of-them"),
        ("deployments", "show", "nightly"),
        ("deployments", "history"),
        ("updates",),
        ("updates", "--as-of", "2001-01-01"),
        ("diff", "2001-01-01", "2001-01-02"),
        ("audit",),
        ("query", "SELECT Computer FROM Machine"),
        ("check", "--sudoers", "apt"),
    )
    said = [patchdeck(*verb).out for verb in verbs]
    before = digest(used_home)

    said_read_only = [patchdeck("--read-only", *verb).out for verb in verbs]
    patchdeck("--read-only", "export", "Machine", str(tmp_path / "out"))

    assert said_read_only == said
    assert digest(used_home) == before


def test_environment_asks_for_it_too(patchdeck: Patchdeck, used_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$PATCHDECK_READ_ONLY is as the option; what is no truth value is refused."""
    monkeypatch.setenv("PATCHDECK_READ_ONLY", "1")
    patchdeck("machines", "disable", "web", code=11)
    monkeypatch.setenv("PATCHDECK_READ_ONLY", "perhaps")
    patchdeck("machines", "list", code=2)
    monkeypatch.setenv("PATCHDECK_READ_ONLY", "0")
    patchdeck("machines", "disable", "web")
    assert used_home.exists()


def test_check_reaches_no_machine(patchdeck: Patchdeck, used_home: Path) -> None:
    """A verb that reads in one of its forms is refused in the other, below the list of verbs."""
    before = digest(used_home)

    ended = patchdeck("--read-only", "check", "web", code=11)

    assert "reach machines" in ended.err
    assert digest(used_home) == before


def test_home_that_is_missing_is_not_made(patchdeck: Patchdeck, home: Path) -> None:
    """Looking at a home that is not there makes none."""
    patchdeck("--read-only", "machines", "list", code=4)

    assert not home.exists()


@pytest.mark.parametrize(
    "verb",
    [
        ("query", "SELECT 1 AS n", "-o"),
        ("query", "SELECT 1 AS n", "--show", "-o"),
        ("export", "Machine"),
    ],
    ids=" ".join,
)
def test_nothing_is_written_into_the_home(
    patchdeck: Patchdeck, used_home: Path, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    """Elsewhere it is; through a link to the home it is not either."""
    before = digest(used_home)
    (tmp_path / "link").symlink_to(used_home)

    for place in (used_home / "x.csv", tmp_path / "link" / "x.csv"):
        assert "Name another place" in patchdeck("--read-only", *verb, str(place), code=ExitCode.NOT_PERMITTED).err
    patchdeck("--read-only", *verb, str(tmp_path / "x.csv"))

    assert digest(used_home) == before
