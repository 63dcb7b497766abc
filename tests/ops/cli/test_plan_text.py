"""Plans for people and for programs: what they say, marks for machines that will not fit, hostile names."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from fleet.answers import Answer
from fleet.deployments.plan import (
    ChangeKind,
    Kept,
    LeftOut,
    LeftOutReason,
    MachinePlan,
    PackageChange,
    Plan,
    Selection,
    Simulation,
)
from fleet.deployments.window import Window
from fleet.updates import Classification, Update
from ops.cli.plan_file import write_plan
from ops.cli.plan_text import describe_plan, plan_lines

_AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
_NGINX = Update("nginx", "amd64", "1.0", "1.2", Classification.SECURITY, "suite", "main")
_PLAN = Plan(
    "web",
    _AT,
    (
        MachinePlan(
            "id-1",
            "web-01",
            0,
            "apt",
            _AT,
            Selection(
                (), (LeftOut(_NGINX, LeftOutReason.EXCLUDED, f"breaks TLS, until {date(2027, 1, 31)}, by anna"),)
            ),
            Simulation(
                (
                    PackageChange(ChangeKind.UPGRADE, "openssl\x1b[31m", "amd64", "3.0.1", "3.0.2", 1_200_000),
                    PackageChange(ChangeKind.INSTALL, "linux-image-6.1", "amd64", "", "6.1.2", None),
                ),
                (Kept("bash", "held back"),),
                2_400_000,
                -10_000_000,
            ),
            Answer.YES,
            ("ssh.service", "nginx.service"),
            5400.0,
            Answer.NO,
            ("/boot has 20 MB left",),
        ),
        MachinePlan("id-2", "web-02", 1, problem="no route to host"),
        MachinePlan("id-3", "web-03", 1, "apt", _AT, fits=Answer.UNKNOWN, reboot_expected=Answer.NO),
    ),
    "abc123",
)


def test_plan_tells_all_that_an_administrator_decides_by() -> None:
    """The transaction, what is left out and why, size, reboot, services, warnings, the hash at the end."""
    lines = list(plan_lines(_PLAN, Window(60), width=None))

    text = "\n".join(lines)
    for expected in (
        "web-01  wave 1  apt",
        "1 to be upgraded, 1 new; 2.4 MB to download; 10 MB less on disk",
        "about 1 h 30 min, ! WILL NOT FIT into the window of 1 h",
        "reboot: expected",
        "services to restart: ssh.service, nginx.service",
        "! /boot has 20 MB left",
        "3.0.1 -> 3.0.2 (1.2 MB)",
        "nginx 1.2: excluded (breaks TLS, until 2027-01-31, by anna)",
        "bash: held back",
        "! nothing can be done: no route to host",
        "nothing to do",
    ):
        assert expected in text
    assert lines[-1] == "plan abc123"
    assert "\x1b" not in text


def test_plan_fits_a_narrow_terminal() -> None:
    """Long lines are wrapped, nothing is cut away."""
    lines = list(plan_lines(_PLAN, Window(60), width=50))

    assert max(map(len, lines)) <= 50
    assert "anna" in "".join(lines)


def test_summary_has_denominators() -> None:
    """How many of how many, and which need a look."""
    assert list(describe_plan(_PLAN)) == [
        "2 package changes on 1 of 3 machines, in 2 waves.",
        "1 of 3 machines: nothing can be done on web-02",
        "1 of 3 machines: will not fit into the window: web-01",
    ]


def test_plan_in_a_file_is_whole_and_harmless(tmp_path: Path) -> None:
    """For whoever approves it, and for the next program."""
    path = tmp_path / "plan.json"

    write_plan(path, _PLAN)

    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["hash"], document["made_at"]) == ("abc123", "2026-11-20T02:00:00Z")
    first = document["machines"][0]
    assert (first["machine"], first["wave"], first["fits"]) == ("web-01", 1, "no")
    assert first["left_out"][0]["reason"] == "excluded"
    assert "\\u001b" not in path.read_text(encoding="utf-8")


def _plan_without(*left_out: LeftOut) -> Plan:
    return Plan("web", _AT, (MachinePlan("id-1", "web-01", 0, "apt", _AT, Selection((), left_out)),), "abc")


def test_many_updates_left_out_for_one_reason_are_counted() -> None:
    """Fifty lines that say the same hide the one that says something else."""
    others = [LeftOut(_NGINX, LeftOutReason.NOT_IN_CLASSES, "class Others is not asked for") for _ in range(50)]
    plan = _plan_without(*others, LeftOut(_NGINX, LeftOutReason.EXCLUDED, "breaks TLS"))

    text = "\n".join(plan_lines(plan, Window(60), width=None))
    whole = "\n".join(plan_lines(plan, Window(60), width=None, all_left_out=True))

    assert "left out  50 updates: not-in-classes (class Others is not asked for)\n" in text
    assert "left out  nginx 1.2: excluded (breaks TLS)" in text
    assert text.count("left out") == 2
    assert whole.count("nginx 1.2: not-in-classes") == 50


def test_details_that_all_differ_are_not_listed_for_many() -> None:
    """Each too young since another minute is one number too."""
    young = [LeftOut(_NGINX, LeftOutReason.TOO_YOUNG, f"first seen 02:{n:02}") for n in range(9)]

    assert "left out  9 updates: too-young\n" in "\n".join(plan_lines(_plan_without(*young), Window(60), width=None))


def test_the_odd_one_among_many_is_named() -> None:
    """What is left out for a detail of its own is not lost among the counted; no word is said twice."""
    many = [LeftOut(_NGINX, LeftOutReason.EXCLUDED, "excluded by lib*") for _ in range(9)]
    plan = _plan_without(*many, LeftOut(_NGINX, LeftOutReason.EXCLUDED, "excluded by nginx: breaks TLS"))

    lines = [line.strip() for line in plan_lines(plan, Window(60), width=None) if "left out" in line]

    assert lines == ["left out  9 updates: excluded by lib*", "left out  nginx 1.2: excluded by nginx: breaks TLS"]


def test_machine_that_would_install_nothing_is_told_apart() -> None:
    """In its own lines, once, and by name at the end: the night would be lost there."""
    change = PackageChange(ChangeKind.UPGRADE, "bash", "amd64", "1", "2")
    machine = MachinePlan("id-1", "web-01", 0, "apt", _AT, simulation=Simulation((change,)))
    stopped = replace(machine, warnings=("no root. Give it.", "old"), obstacles=("no root. Give it.",))
    plan = Plan("web", _AT, (stopped,), "abc")

    text = "\n".join(plan_lines(plan, Window(60), width=None))

    assert "! would install nothing as it stands: no root. Give it.\n  ! old" in text
    assert text.count("no root") == 1
    assert "1 of 1 machine: would install nothing as it stands: web-01" in list(describe_plan(plan))
