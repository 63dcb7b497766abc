"""`patchdeck alerts`, as it is typed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet.channels import Channel, ChannelKind
from ops.alerts.book import list_rules
from ops.alerts.evaluating import keep_findings, measure_rules
from ops.config import Settings
from ops.home import Home, open_home
from ops.state.audit import utc_now
from ops.state.channels import ChannelBook
from ops.state.database import opened

# Any: the fixture's callable takes whatever a command line may.
Patchdeck = Callable[..., Any]


@pytest.fixture(autouse=True)
def alerting(home: Path) -> Home:
    """A home with a channel and a saved query."""
    made = open_home(home)
    with opened(made.state_file) as connection:
        ChannelBook(connection).put(Channel("1", "ops", ChannelKind.COMMAND, command=("/bin/true",)))
    made.queries_dir.mkdir(exist_ok=True)
    (made.queries_dir / "mine.sql").write_text("-- title: mine\nSELECT 'web-1' AS Computer, 5 AS N\n", "utf-8")
    return made


def _rows(patchdeck: Patchdeck, *words: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(patchdeck("alerts", *words, "--json").out)
    return rows


def _evaluate(home: Home) -> None:
    """What the service does."""
    now = utc_now()
    keep_findings(home, measure_rules(home, Settings(), list_rules(home), now), now)


def test_rule_is_defined_listed_changed_and_removed(patchdeck: Patchdeck) -> None:
    """The same again, spelt otherwise, changes nothing; another one needs --replace; a rename keeps its id."""
    words = ("add", "mine", "--query", "MINE", "--by", "computer", "--measure", "n", "--channel", "OPS")
    patchdeck("alerts", *words)
    assert "is so already" in patchdeck("alerts", *words).err
    assert "use --replace" in patchdeck("alerts", *words, "--when", "> 4", code=2).err
    patchdeck("alerts", *words, "--when", "> 4", "--replace")
    (before,) = _rows(patchdeck, "list")
    assert before["condition"] == "worst N of mine, for each Computer: more than 4"
    patchdeck("alerts", "edit", "mine", "--rename", "ours", "--quiet", "22:00-06:00", "--zone", "Europe/Berlin")
    (after,) = _rows(patchdeck, "show", "ours")
    assert (after["id"], after["quiet_hours"]) == (before["id"], ["22:00-06:00 Europe/Berlin"])
    patchdeck("alerts", "edit", "ours", "--quiet", "", "--channel", "")
    assert _rows(patchdeck, "show", "ours")[0]["channels"] == []
    patchdeck("alerts", "disable", "ours")
    patchdeck("alerts", "remove", "ours")
    assert _rows(patchdeck, "list") == []


def test_starter_is_chosen_and_fitted(patchdeck: Patchdeck) -> None:
    """None is on until then."""
    assert not any(row["is_chosen"] for row in _rows(patchdeck, "starter"))
    patchdeck("alerts", "add", "--starter", "not-assessed", "--param", "hours=48", "--channel", "ops")
    patchdeck("alerts", "enable", "disk-low")
    assert {row["name"] for row in _rows(patchdeck, "starter") if row["is_chosen"]} == {"not-assessed", "disk-low"}
    assert "hours=48" in _rows(patchdeck, "show", "not-assessed")[0]["condition"]


def test_open_alert_is_shown_and_acknowledged(patchdeck: Patchdeck, alerting: Home) -> None:
    """With who took it and what they said; the history has both."""
    patchdeck("alerts", "add", "mine", "--query", "mine", "--by", "Computer", "--severity", "critical")
    assert "Nothing is open: 1 rule on." in patchdeck("alerts", "open").err
    _evaluate(alerting)
    patchdeck("alerts", "ack", "mine", "--about", "WEB-1", "--note", "looking")
    (row,) = _rows(patchdeck, "open")
    assert (row["severity"], row["key"], row["note"]) == ("Critical", "web-1", "looking")
    assert "Nothing changed" in patchdeck("alerts", "ack", row["alert_id"][:8], "--note", "looking").err
    assert [row["state"] for row in _rows(patchdeck, "history", "mine")] == ["Acknowledged", "Opened"]
    patchdeck("alerts", "ack", "mine", "--about", "web-2", code=2)


def test_preview_shows_what_would_be_said(patchdeck: Patchdeck, alerting: Home) -> None:
    """And why a rule cannot be evaluated, with a code of its own; nothing is kept."""
    patchdeck("alerts", "add", "mine", "--query", "mine", "--by", "Computer", "--measure", "N", "--when", "> 4")
    shown = patchdeck("alerts", "preview", "mine")
    assert "mine: opened: web-1" in shown.out
    assert "It fires at 1 of 1 measured value." in shown.err
    (alerting.queries_dir / "mine.sql").write_text("-- title: mine\nSELECT 1 AS Computr\n", "utf-8")
    broken = patchdeck("alerts", "preview", "mine", code=1)
    assert "It cannot be evaluated: There is no column" in broken.err
    assert _rows(patchdeck, "history") == []


def test_back_test_says_how_often(patchdeck: Patchdeck) -> None:
    """Of a rule, and of one that was not added yet."""
    patchdeck("alerts", "add", "mine", "--query", "mine", "--by", "Computer")
    shown = patchdeck("alerts", "back-test", "mine", "--from", "2026-01-01", "--to", "2026-01-03", "--every", "1d")
    assert shown.out.startswith("mine would have fired once between 2026-01-01 00:00:00Z and 2026-01-03 00:00:00Z")
    assert "3 evaluations, every 1 d" in shown.err
    assert _rows(patchdeck, "back-test", "run-failed") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "x"), "Say what it looks at"),
        (("add", "--query", "mine"), "Give the rule a name"),
        (("add", "x", "--query", "min"), "Did you mean 'mine'"),
        (("add", "x", "--query", "mine", "--count", "machine-runs"), "give one of them"),
        (("add", "x", "--query", "mine", "--status", "Failed"), "--status is for rules over runs"),
        (("add", "x", "--query", "mine", "--when", "10"), "--when: '10' is no threshold"),
        (("add", "x", "--query", "mine", "--param", "days=3"), "no parameter 'days'"),
        (("add", "x", "--query", "mine", "--severity", "Criticl"), "Did you mean 'Critical'"),
        (("add", "x", "--query", "mine", "--zone", "Europe/Berln"), "Did you mean 'Europe/Berlin'"),
        (("add", "x", "--count", "machine-run"), "Did you mean 'machine-runs'"),
        (("add", "x", "--count", "machine-runs", "--status", "Lost"), "--status: There is no status"),
        (("add", "--starter", "disk-lo"), "Did you mean 'disk-low'"),
        (("edit", "mine"), "Say what is to be another"),
        (("show", "nothing"), "There is no alert rule 'nothing'"),
        (("back-test", "disk-low", "--from", "2026-02-01", "--to", "2026-01-01"), "forward"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(patchdeck: Patchdeck, words: tuple[str, ...], said: str) -> None:
    """With the option, or the nearest name."""
    ended = patchdeck("alerts", *words, code=2)
    assert (said in ended.err, ended.err.count("\n")) == (True, 1)
