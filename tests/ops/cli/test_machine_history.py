"""`patchdeck machines history` and `logs`: what happened to a machine, and its own words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.home import open_home
from ops.machine_logs import MachineLog, list_logs, read_page
from ops.state.database import opened
from ops.state.machines import MachineBook
from tests.ops.cli.test_why import asked_home  # noqa: F401 - a fixture

Patchdeck = Callable[..., Any]  # Any: what the fixture of this room gives


@pytest.fixture
def home_with_logs(asked_home: Path) -> Path:  # noqa: F811 - the fixture above
    """web-01 has a log of the run R2, and an answer that was not understood."""
    for name, content in {"R2/web-01.log": b"Setting up\n\x1b[31mE: broken\n", "S1/web-01.out": b"what?\n"}.items():
        path = asked_home / "runs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return asked_home


def test_history_has_assessments_and_who_changed_what(asked_home: Path, patchdeck: Patchdeck) -> None:  # noqa: F811
    """Newest first, each with its time."""
    patchdeck("--home", str(asked_home), "machines", "edit", "web-01", "--tag", "rack=7")
    rows = json.loads(patchdeck("--home", str(asked_home), "machines", "history", "web-01", "--json").out)

    assert (rows[0]["event"], "rack" in rows[0]["what"], bool(rows[0]["by"])) == ("machine.edit", True, True)
    assert {"succeeded", "needed"} <= {row["event"] for row in rows}
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)


def test_logs_are_listed_and_printed_harmless(home_with_logs: Path, patchdeck: Patchdeck) -> None:
    """By id or the begin of one; what steers a terminal is shown, not sent."""
    rows = json.loads(patchdeck("--home", str(home_with_logs), "machines", "logs", "web-01", "--json").out)
    assert {(row["id"], row["kind"], row["about"]) for row in rows} == {
        ("R2", "run", "nightly: Failed"),
        ("S1", "assessment", "an answer that was not understood"),
    }
    printed = patchdeck("--home", str(home_with_logs), "machines", "logs", "web-01", "R").out
    assert printed.startswith("Setting up\n")
    assert "E: broken" in printed
    assert "\x1b" not in printed
    assert "There is no log" in patchdeck("--home", str(home_with_logs), "machines", "logs", "web-01", "R3", code=2).err


def test_page_begins_with_a_whole_line_and_the_pages_make_the_log(
    home_with_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the end to the beginning, nothing twice and nothing lost."""
    home = open_home(home_with_logs)
    lines = [f"{number} " + "x" * (number % 17) for number in range(500)]
    (home.runs_dir / "R2" / "web-01.log").write_text("\n".join(lines))
    monkeypatch.setattr("ops.machine_logs.PAGE_BYTES", 1_000)
    with opened(home.state_file) as connection:
        machine = MachineBook(connection).get("web-01")
    log: MachineLog = next(each for each in list_logs(home, machine) if each.id == "R2")

    read: list[str] = []
    before: int | None = None
    while before != 0:
        page = read_page(log, before)
        read, before = [*page.lines, *read], page.start

    assert read == lines
