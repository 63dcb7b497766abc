"""`patchdeck deployments`: defining by options, listing, changing, switching, removing."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ops.state.database import opened
from ops.state.runs import RunBook

Patchdeck = Callable[..., Any]

_WEB = ("deployments", "add", "web", "--target", "tag:role=web", "--class", "security")
_MONTHLY = ("--rule", "FREQ=MONTHLY;BYDAY=2TU", "--first", "2026-01-01 02:30", "--zone", "Europe/Berlin")


def listed(patchdeck: Patchdeck, *arguments: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(patchdeck("deployments", "list", "--json", *arguments).out)
    return rows


def shown(patchdeck: Patchdeck, name: str = "web") -> dict[str, Any]:
    (row,) = json.loads(patchdeck("deployments", "show", name, "--json").out)
    assert isinstance(row, dict)
    return row


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A script, a calendar with one blackout, and a file that is neither."""
    script, calendar, nonsense = (tmp_path / name for name in ("drain.sh", "freeze.ics", "nonsense.txt"))
    script.write_text("#!/bin/sh\n", encoding="utf-8")
    calendar.write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
        "DTSTART:20300101T000000Z\r\nDTEND:20300201T000000Z\r\nSUMMARY:Freeze\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        encoding="utf-8",
        newline="",
    )
    nonsense.write_text("hello\n", encoding="utf-8")
    return {"script": script, "calendar": calendar, "nonsense": nonsense}


def test_every_option_sets_its_field(patchdeck: Patchdeck, files: dict[str, Path]) -> None:
    """What the issue lists can all be said by options."""
    patchdeck(
        *_WEB,
        *("--class", "critical", "--include", "openssl*=3.0.*", "--exclude", "kernel*"),
        *("--exclusion", "nginx; breaks TLS; 2027-01-31; anna", "--exclusion", "php*; not tested"),
        *("--minimum-age", "3", "--no-new-packages", "--removals", *_MONTHLY),
        *("--optional", "--accept-licences", "--rounds", "3"),
        *("--offset-days", "3", "--last-day", "2099-01-01", "--blackouts", str(files["calendar"]), "--missed", "4"),
        *("--window", "90", "--stop-starting", "20", "--stop-rebooting", "5", "--hard-stop"),
        *("--reboot", "always", "--reboot-at", "4:05", "--reboot-notice", "5", "--reboot-message", "Back soon"),
        *("--reboot-return", "30", "--pre-script", f"machine {files['script']} pool=a --on-failure continue"),
        *("--post-script", f"console {files['script']} --timeout 60", "--wave", "tag:ring=canary", "--wave", "25%"),
        *("--gate-success", "95", "--gate-units", "--gate-command", "curl -fs localhost", "--gate-port", "443"),
        *("--gate-soak", "10", "--budget", "5%", "--cluster-tag", "cluster", "--order-by-tag", "order"),
        *("--concurrency", "8", "--pre-download", "60", "--description", "Web servers", "--disabled"),
    )

    row = shown(patchdeck)
    assert row["targets"] == ["tag:role=web"]
    assert row["updates"] == {
        "classes": ["Critical Updates", "Security Updates"],
        "include": ["openssl*=3.0.*"],
        "exclude": ["kernel*"],
        "exclusions": [
            {"mask": "nginx", "reason": "breaks TLS", "until": "2027-01-31", "by": "anna"},
            {"mask": "php*", "reason": "not tested", "until": None, "by": ""},
        ],
        "minimum_age_days": 3,
        "allow_new_packages": False,
        "allow_removals": True,
        "allow_optional": True,
        "accept_licences": True,
        "rounds": 3,
    }
    assert row["schedule"] == {
        "first": "2026-01-01T02:30",
        "time_zone": "Europe/Berlin",
        "rule": "FREQ=MONTHLY;BYDAY=2TU",
        "offset_days": 3,
        "last_day": "2099-01-01",
        "blackouts": str(files["calendar"]),
        "missed": "run-within",
        "missed_within_hours": 4.0,
    }
    assert row["window"] == {"minutes": 90, "stop_starting_minutes": 20, "reboot_minutes": 5, "hard_stop": True}
    assert row["reboot"] == {
        "policy": "Always",
        "at": "04:05",
        "notice_minutes": 5,
        "message": "Back soon",
        "return_minutes": 30,
    }
    assert [(each["stage"], each["place"], each["parameters"], each["timeout_seconds"]) for each in row["scripts"]] == [
        ("pre", "machine", {"pool": "a"}, 300),
        ("post", "console", {}, 60),
    ]
    assert [each["on_failure"] for each in row["scripts"]] == ["continue", "stop"]
    assert row["rollout"] == {
        "waves": ["tag:ring=canary", "25%"],
        "gate": {
            "success_percent": 95.0,
            "check_units": True,
            "command": "curl -fs localhost",
            "tcp_ports": [443],
            "soak_minutes": 10.0,
        },
        "budget": "5%",
        "cluster_tag": "cluster",
        "order_by_tag": "order",
        "concurrency": 8,
    }
    assert (row["predownload_minutes"], row["description"], row["enabled"]) == (60, "Web servers", False)
    page = patchdeck("deployments", "show", "web").out
    for text in (
        "licences               accepted",
        "rounds                 up to 3",
        "nginx: breaks TLS, until 2027-01-31, by anna",
        "tag:ring=canary, 25%",
        "Always at 04:05",
    ):
        assert text in page


def _bad(option: str, *values: str, says: str = "") -> tuple[tuple[str, ...], str]:
    return (option, *values), says or option


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        _bad("--target", "group!:x"),
        _bad("--target", "os:linx"),
        _bad("--class", "securty", says="Did you mean 'security'"),
        _bad("--include", "a b"),
        _bad("--exclude", "=1"),
        _bad("--exclusion", "nginx"),
        _bad("--exclusion", "nginx; ; 2027-01-01"),
        _bad("--exclusion", "nginx; why; tomorrow"),
        _bad("--exclusion", "nginx; why; 2027-01-01; anna; more"),
        _bad("--minimum-age", "-1"),
        _bad("--once", "tomorrow", "--zone", "UTC"),
        _bad("--once", "2099-01-01 25:00", "--zone", "UTC"),
        _bad("--once", "2099-01-01T02:30Z", "--zone", "UTC"),
        _bad("--once", "2020-01-01 02:30", "--zone", "UTC"),
        _bad("--once", "2099-01-01 02:30", says="--zone"),
        _bad("--zone", "UTC", says="--once"),
        _bad("--once", "2099-01-01 02:30", "--zone", "Europe/Berln", says="Did you mean 'Europe/Berlin'"),
        _bad("--once", "2099-01-01 02:30", "--rule", "FREQ=DAILY", "--zone", "UTC"),
        _bad("--rule", "FREQ=DAILY", "--zone", "UTC", says="--first"),
        _bad("--first", "2099-01-01 02:30", "--zone", "UTC", says="--rule"),
        _bad("--rule", "FREQ=OFTEN", "--first", "02:30", "--zone", "UTC"),
        _bad("--rule", "FREQ=DAILY", "--first", "half past", "--zone", "UTC", says="--first"),
        _bad("--offset-days", "1000", *_MONTHLY, says="1000"),
        _bad("--last-day", "31.12.2099", *_MONTHLY),
        _bad("--last-day", "2020-01-01", *_MONTHLY, says="no start"),
        _bad("--blackouts", "/no/such.ics", *_MONTHLY),
        _bad("--missed", "perhaps", *_MONTHLY),
        _bad("--missed", "0", *_MONTHLY),
        _bad("--missed", "nan", *_MONTHLY),
        _bad("--window", "0"),
        _bad("--window", "two hours"),
        _bad("--stop-starting", "-5"),
        _bad("--stop-rebooting", "x"),
        _bad("--reboot", "sometimes"),
        _bad("--reboot-at", "24:00"),
        _bad("--reboot-notice", "-1"),
        _bad("--reboot-return", "0"),
        _bad("--pre-script", "/usr/bin/true"),
        _bad("--pre-script", "moon /bin/sh"),
        _bad("--pre-script", "machine /no/such/script"),
        _bad("--pre-script", "machine /bin/sh 'unclosed"),
        _bad("--post-script", "console /bin/sh --timeout never"),
        _bad("--post-script", "console /bin/sh --timeot 5"),
        _bad("--post-script", "console /bin/sh --on-failure panic"),
        _bad("--post-script", "console /bin/sh 1x=y"),
        _bad("--wave", "0"),
        _bad("--wave", "200%"),
        _bad("--gate-success", "101"),
        _bad("--gate-success", "nan"),
        _bad("--gate-port", "70000"),
        _bad("--gate-soak", "-1"),
        _bad("--gate-soak", "nan"),
        _bad("--budget", "some"),
        _bad("--budget", "110%"),
        _bad("--cluster-tag", "a b"),
        _bad("--order-by-tag", "="),
        _bad("--concurrency", "0"),
        _bad("--pre-download", "-1"),
        _bad("--format", "toml"),
    ],
)
def test_wrong_value_is_one_line_that_names_the_option(
    patchdeck: Patchdeck, arguments: tuple[str, ...], says: str
) -> None:
    """Exit code 2, nothing defined, no traceback."""
    refused = patchdeck(*_WEB, *arguments, code=2)

    assert refused.err.startswith("patchdeck: ")
    assert refused.err.count("\n") == 1
    assert says in refused.err
    assert listed(patchdeck) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("web",), "--target"),
        (("web", "--target", "all"), "--class"),
        (("--target", "all", "--class", "all"), "a name"),
        (("all", "--target", "all", "--class", "all"), "not usable"),
        (("../x", "--target", "all", "--class", "all"), "not usable"),
        (("web", "-f", "x.toml", "--window", "60"), "--window"),
        (("web", "-f", "/no/such.toml"), "/no/such.toml"),
        (("web", "-f", "/no/such.ini"), "--format"),
        (("web", "-f", "/no/such.toml", "--format", "ini"), "ini"),
    ],
)
def test_incomplete_definition_says_what_is_missing(
    patchdeck: Patchdeck, arguments: tuple[str, ...], says: str
) -> None:
    """One line that names what to give."""
    refused = patchdeck("deployments", "add", *arguments, code=2)

    assert says in refused.err
    assert refused.err.count("\n") == 1


def test_calendar_that_cannot_be_read_is_refused_at_once(patchdeck: Patchdeck, files: dict[str, Path]) -> None:
    """Not at three in the morning."""
    refused = patchdeck(*_WEB, *_MONTHLY, "--blackouts", str(files["nonsense"]), code=2)

    assert "--blackouts: " in refused.err


def test_reboots_only_needs_no_updates(patchdeck: Patchdeck) -> None:
    """With Only nothing is installed."""
    patchdeck("deployments", "add", "kernels", "--target", "all", "--reboot", "only")

    assert shown(patchdeck, "kernels")["reboot"]["policy"] == "Only"


_EVERYTHING = "It installs every update, but no Windows drivers and upgrades"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--class", "all", "--exclude", "kernel*"), f"{_EVERYTHING}; never kernel*."),
        (("--class", "all", "--exclusion", "nginx; old; 2020-01-31; anna"), f"{_EVERYTHING}."),
        (("--class", "all", "--exclusion", "nginx; old; 2099-01-31; anna"), f"{_EVERYTHING}; never nginx."),
        (("--reboot", "only"), "It installs nothing: it only reboots."),
    ],
)
def test_what_the_rules_choose_is_told(patchdeck: Patchdeck, options: tuple[str, ...], says: str) -> None:
    """With what they leave out; what is excluded no more is not."""
    assert says in patchdeck("deployments", "add", "web", "--target", "all", *options).err


def test_start_that_was_skipped_is_shown(patchdeck: Patchdeck, home: Path) -> None:
    """Otherwise nobody learns why a deployment did not run in the night."""
    patchdeck(*_WEB, *_MONTHLY)
    due = datetime(2026, 1, 13, 1, 30, tzinfo=UTC)
    with opened(home / "state.db") as connection:
        RunBook(connection).note_start("web", due, "skipped: missed 6 min ago, missed starts are skipped")

    assert (
        "last start             2026-01-13 01:30:00Z, skipped: missed 6 min ago"
        in patchdeck("deployments", "show", "web").out
    )
    assert shown(patchdeck)["last_start"]["outcome"].startswith("skipped")


def test_same_definition_again_changes_nothing(patchdeck: Patchdeck) -> None:
    """Twice is once; another definition is refused and says what differs."""
    first, again = patchdeck(*_WEB), patchdeck(*_WEB)
    refused = patchdeck(*_WEB, "--window", "60", code=2)

    assert ("is defined." in first.err, "already" in again.err) == (True, True)
    assert "differs in window" in refused.err
    assert "deployments edit web" in refused.err
    patchdeck(*_WEB, "--window", "60", "--replace")
    assert shown(patchdeck)["window"]["minutes"] == 60


def test_targets_that_name_nothing_are_told(patchdeck: Patchdeck) -> None:
    """A tag may come later; a typing error should be seen now."""
    patchdeck("machines", "add", "web-01", "--tag", "role=web")

    defined = patchdeck("deployments", "add", "web", "--target", "tag:role=wbe", "--class", "security")

    assert "Did you mean 'role=web'" in defined.err
    assert "0 enabled machines" in defined.err
    assert "1 enabled machine now" in patchdeck(*_WEB, "--replace").err


def test_edit_changes_only_what_is_given(patchdeck: Patchdeck) -> None:
    """The rest stays, a list is replaced, --clear goes back to the default."""
    patchdeck(*_WEB, "--budget", "3", "--exclude", "a*", "--window", "60", *_MONTHLY)

    edited = patchdeck(
        "deployments", "edit", "WEB", "--exclude", "b*", "--clear", "budget", "--time-zone", "America/New_York"
    )

    row = shown(patchdeck)
    assert "changed updates, schedule, rollout" in edited.err
    assert (row["updates"]["exclude"], row["rollout"]["budget"], row["window"]["minutes"]) == (["b*"], None, 60)
    assert (row["schedule"]["rule"], row["schedule"]["time_zone"]) == ("FREQ=MONTHLY;BYDAY=2TU", "America/New_York")
    patchdeck("deployments", "edit", "web", "--clear", "schedule")
    assert shown(patchdeck)["schedule"] is None
    assert "nothing to change" in patchdeck("deployments", "edit", "web", "--window", "60").err
    assert "Did you mean 'budget'" in patchdeck("deployments", "edit", "web", "--clear", "budgt", code=2).err


def test_unknown_deployment_offers_the_nearest(patchdeck: Patchdeck) -> None:
    """Every verb that takes a name answers alike."""
    patchdeck("deployments", "add", "web-monthly", "--target", "all", "--class", "all")

    for verb in ("show", "edit", "enable", "disable", "remove", "starts", "preview", "run"):
        assert "Did you mean 'web-monthly'" in patchdeck("deployments", verb, "web-montly", code=2).err
    assert "Did you mean 'web-monthly'" in patchdeck("deployments", "history", "web-montly", code=2).err


def test_list_tells_the_next_start_in_both_zones(patchdeck: Patchdeck) -> None:
    """Local words for people, UTC for programs; disabled: none."""
    patchdeck(*_WEB, "--once", "2099-07-01 02:30", "--zone", "Europe/Berlin")

    (row,) = listed(patchdeck)
    assert row["next_start"] == "Wed 2099-07-01 02:30 CEST"
    assert row["next_start_at"] == "2099-07-01T00:30:00Z"
    text = patchdeck("deployments", "list")
    assert "2099-07-01 02:30 CEST" in text.out
    assert "1 deployment, 1 enabled." in text.err
    patchdeck("deployments", "disable", "web")
    assert listed(patchdeck)[0]["next_start"] is None


def test_empty_list_says_how_to_begin(patchdeck: Patchdeck) -> None:
    """Nothing on standard output."""
    ended = patchdeck("deployments", "list")

    assert ended.out == ""
    assert "deployments add" in ended.err


def test_enabling_and_disabling_twice_is_once(patchdeck: Patchdeck) -> None:
    """Each says what it did."""
    patchdeck(*_WEB)

    assert "disabled now" in patchdeck("deployments", "disable", "web").err
    assert "disabled already" in patchdeck("deployments", "disable", "web").err
    assert "enabled now" in patchdeck("deployments", "enable", "web").err
    actions = [entry["action"] for entry in json.loads(patchdeck("audit", "--json").out)]
    assert actions == ["deployment.enable", "deployment.disable", "deployment.add"]


def test_remove_wants_a_yes(patchdeck: Patchdeck) -> None:
    """Where nobody can be asked, only --yes removes."""
    patchdeck(*_WEB)

    assert "--yes" in patchdeck("deployments", "remove", "web", code=2).err
    assert len(listed(patchdeck)) == 1
    (row,) = json.loads(patchdeck("deployments", "remove", "web", "--yes", "--json").out)
    assert row["name"] == "web"
    assert listed(patchdeck) == []


def test_starts_tell_what_moves_and_skips_them(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """A change of clocks moves one, a blackout skips one."""
    calendar = tmp_path / "freeze.ics"
    calendar.write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
        "DTSTART;VALUE=DATE:20990330\r\nDTEND;VALUE=DATE:20990331\r\nSUMMARY:Freeze\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        encoding="utf-8",
        newline="",
    )
    patchdeck(
        *_WEB,
        *("--rule", "FREQ=DAILY", "--first", "2099-03-28 02:30", "--zone", "Europe/Berlin"),
        *("--blackouts", str(calendar)),
    )

    rows = json.loads(patchdeck("deployments", "starts", "web", "--count", "3", "--json").out)

    assert [row["at"] for row in rows] == ["2099-03-28T01:30:00Z", "2099-03-29T01:00:00Z", "2099-03-30T00:30:00Z"]
    assert "does not exist" in rows[1]["moved_from"]
    assert "Freeze" in rows[2]["skipped"]
    text = patchdeck("deployments", "starts", "web", "--count", "3").out
    assert ("Skipped" in text, "Moved" in text) == (True, True)


def test_deployment_without_schedule_has_no_starts(patchdeck: Patchdeck) -> None:
    """It runs when asked, and says so."""
    patchdeck(*_WEB)

    ended = patchdeck("deployments", "starts", "web")

    assert ended.out == ""
    assert "deployments run web" in ended.err


def test_script_that_could_not_be_run_is_told(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """When it is defined and in the list, by file too: not first at night."""
    script = tmp_path / "drain"
    script.write_text("#!/bin/sh\n", encoding="utf-8")

    added = patchdeck(*_WEB, "--pre-script", f"console {script}")
    script.unlink()
    listed = patchdeck("deployments", "list")

    assert "cannot be executed: chmod +x" in added.err
    assert f"There is no script '{script}'" in listed.err


def test_window_longer_than_the_time_between_starts_is_told(patchdeck: Patchdeck) -> None:
    """An hourly deployment with a window of three hours."""
    hourly = ("--rule", "FREQ=HOURLY", "--first", "2099-01-01 00:00", "--zone", "UTC")

    assert "longer than the 1 h between two starts" in patchdeck(*_WEB, *hourly, "--window", "180").err
    assert "between two starts" not in patchdeck("deployments", "edit", "web", "--window", "45").err


def test_script_parameter_given_twice_is_refused(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """Which of the two is meant is not guessed."""
    script = tmp_path / "drain"
    script.write_text("#!/bin/sh\n", encoding="utf-8")

    assert "POOL is given twice" in patchdeck(*_WEB, "--pre-script", f"console {script} POOL=a POOL=b", code=2).err
