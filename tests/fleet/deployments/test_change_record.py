"""Change records: whole, the same each time, and harmless whatever machines said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fleet.deployments.change_record import change_record_html, change_record_markdown
from fleet.deployments.change_record_blocks import Points, Words
from fleet.deployments.change_record_markdown import escape_markdown, write_markdown
from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import (
    ChangeKind,
    LeftOut,
    LeftOutReason,
    MachinePlan,
    PackageChange,
    Plan,
    Selection,
    Simulation,
)
from fleet.deployments.pulse import Pulse
from fleet.deployments.runs import (
    InstallationStatus,
    Intervention,
    MachineRun,
    MachineRunStatus,
    Requester,
    Run,
    RunStatus,
    UpdateOutcome,
)
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean
from fleet.updates import Classification, Update

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_HOSTILE = "a|b`c`*d*_e_[f](javascript:alert(1))<script>g</script>&amp;\x1b[31m\n# h\n- i"
_RUN = Run(
    "20261120T020000Z-5f3a9c",
    Deployment(
        "nightly",
        ("tag:env=prod",),
        scripts=(Script(ScriptStage.PRE, ScriptPlace.MACHINE, "/srv/stop.sh", {"TOKEN": "hunter2"}),),
    ),
    RunStatus.FAILED,
    _NOW,
    _NOW + timedelta(hours=2),
    Requester("anna", "192.0.2.9", "patchdeck deployments run nightly"),
    _NOW - timedelta(hours=1),
    plan_hash="abc123",
    started_at=_NOW,
    ended_at=_NOW + timedelta(hours=1),
    note="0 of 1 machine succeeded, 1 failed",
)


def _outcome(name: str, status: InstallationStatus, error: str = "", excerpt: str = "") -> UpdateOutcome:
    return UpdateOutcome(name, "amd64", "1", "2", "Others", status, error=error, log_excerpt=excerpt)


def _machine(text: str) -> MachineRun:
    return MachineRun(
        _RUN.id,
        "id-web",
        "web-01",
        0,
        MachineRunStatus.FAILED,
        started_at=_NOW,
        rebooted=True,
        reboot_seconds=41.0,
        pulse_before=Pulse("boot-1", "6.1.0-1"),
        pulse_after=Pulse("boot-2", "6.1.0-2"),
        error=text,
        outcomes=(
            _outcome("curl", InstallationStatus.SUCCEEDED),
            _outcome(text, InstallationStatus.INSTALL_FAILED, text, text),
            _outcome("nginx", InstallationStatus.EXCLUDED, "excluded by nginx*, by anna, until 2026-12-01"),
        ),
        findings=(Finding(FindingKind.OTHER_UPDATER, Severity.INFO, text, "Look."),),
    )


_LEFT_OUT = LeftOut(
    Update("nginx", "amd64", "1", "2", Classification.OTHERS, "", ""), LeftOutReason.EXCLUDED, "excluded by nginx*"
)
_PLAN = Plan(
    "nightly",
    _NOW,
    (
        MachinePlan(
            "id-web",
            "web-01",
            0,
            package_manager="apt",
            selection=Selection((), (_LEFT_OUT,)),
            simulation=Simulation((PackageChange(ChangeKind.REMOVE, "old-lib", "amd64", "1"),)),
            warnings=("Removes 1 package: old-lib.",),
        ),
    ),
    "abc123",
)


class _Tags(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("make", [change_record_markdown, change_record_html])
def test_record_tells_what_when_who_and_why_not(make: object) -> None:
    """Both formats hold the run, the plan, each machine, its boots, its updates, and what was not done and why."""
    assert callable(make)
    text = str(make(_RUN, [_machine("postinst failed")], _PLAN))
    told = ["anna from 192.0.2.9", "abc123", "2026-11-20 02:00:00 UTC", "web-01", "boot-1", "boot-2", "1 of 1"]
    told += ["back after 41.0 s", "postinst failed", "excluded by nginx", "until 2026-12-01", "old-lib", "TOKEN"]
    assert [words for words in told if words not in text] == [] and "hunter2" not in text


@pytest.mark.parametrize("make", [change_record_markdown, change_record_html])
def test_record_of_a_machine_in_work_tells_what_is_planned(make: object) -> None:
    """Its updates have no results yet, which is not the same as no updates."""
    assert callable(make)
    chosen = Update("openssl", "amd64", "3.0.1", "3.0.2", Classification.SECURITY, "", "")
    changes = (PackageChange(ChangeKind.UPGRADE, "openssl", "amd64", "3.0.1", "3.0.2"),)
    machine = replace(_PLAN.machines[0], selection=Selection((chosen,), ()), simulation=Simulation(changes))
    in_work = replace(_machine(""), status=MachineRunStatus.IN_PROGRESS, outcomes=(), findings=())
    running = replace(_RUN, status=RunStatus.IN_PROGRESS, ended_at=None)
    text = str(make(running, [in_work], replace(_PLAN, machines=(machine,))))
    assert "Planned updates" in text
    assert text.count("openssl") == 1
    assert "No update was to be installed" not in text
    assert "Also in the transaction" not in text


@pytest.mark.parametrize("make", [change_record_markdown, change_record_html])
def test_record_is_the_same_each_time(make: object) -> None:
    """Written twice, it is the same."""
    assert callable(make)
    assert make(_RUN, [_machine("x")], _PLAN) == make(_RUN, [_machine("x")], _PLAN)


@pytest.mark.parametrize("make", [change_record_markdown, change_record_html])
def test_run_without_plan_or_machines_has_a_record(make: object) -> None:
    """A run that was cancelled while it waited."""
    assert callable(make)
    bare = replace(_RUN, status=RunStatus.CANCELLED, started_at=None, ended_at=None, plan_hash="")
    assert "No machine was in the run." in str(make(bare, [], None))


@pytest.mark.parametrize("make", [change_record_markdown, change_record_html])
def test_what_was_asked_of_the_run_is_told(make: object) -> None:
    """Who paused and cancelled it, when and why; where nobody did, nothing is said."""
    assert callable(make)
    asked = (Intervention(_RUN.opens_at, "cancel", "anna", "the shop is down"),)
    told, bare = str(make(_RUN, [], None, asked)), str(make(_RUN, [], None))
    assert all(word in told for word in ("What was asked of the run", "cancel", "anna", "the shop is down"))
    assert "What was asked of the run" not in bare


@given(st.one_of(st.just(_HOSTILE), st.text(max_size=40), st.text("`*_[]()<>|#!&~\\-+.1 $", min_size=1, max_size=20)))
def test_hostile_text_changes_no_structure_of_the_markdown(text: str) -> None:
    """Names and errors of machines become text: no link, no emphasis, no HTML, no more rows or cells."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    hostile, plain = (
        [
            (token.type, token.tag)
            for token in parser.parse(change_record_markdown(_RUN, [_machine(said)], _PLAN))
            if token.type != "inline"
        ]
        for said in (f"x{text}x", "x")
    )
    assert hostile == plain
    inlines = [
        child.type
        for token in parser.parse(change_record_markdown(_RUN, [_machine(f"x{text}x")], _PLAN))
        for child in token.children or ()
    ]
    assert set(inlines) <= {"text", "strong_open", "strong_close", "text_special"}


@given(st.text(max_size=30))
def test_escaped_markdown_reads_as_what_was_written(text: str) -> None:
    """Each character comes out as itself."""
    parser = MarkdownIt("commonmark").enable("strikethrough")
    tokens = parser.parse(f"# x {escape_markdown(text)}")
    read = "".join(child.content for token in tokens for child in token.children or ())
    assert read.split() == ["x", *clean(text).split()]


@given(st.one_of(st.just(_HOSTILE), st.text(max_size=40), st.text("<>&\"'/!-scriptimg= ", max_size=30)))
def test_hostile_text_changes_no_structure_of_the_page(text: str) -> None:
    """The page has the same tags whatever machines said."""
    hostile, plain = _Tags(), _Tags()
    hostile.feed(change_record_html(_RUN, [_machine(f"x{text}x")], _PLAN))
    plain.feed(change_record_html(_RUN, [_machine("x")], _PLAN))
    assert hostile.tags == plain.tags and "script" not in hostile.tags
    assert clean(f"x{text}x") in hostile.text


@pytest.mark.parametrize("text", ["1. one", "1) one", "- one", "+ one", "= one", "> one", "# one"])
def test_line_of_a_list_begins_no_list_of_its_own(text: str) -> None:
    """A finding that begins like a list, a quotation or a heading is a line like others."""
    tokens = MarkdownIt("commonmark").parse(write_markdown([Points((text,)), Words(text)]))
    assert [token.type for token in tokens if token.type.endswith("_open")] == [
        "bullet_list_open",
        "list_item_open",
        "paragraph_open",
        "paragraph_open",
    ]


def test_page_loads_nothing() -> None:
    """No address, no script, no image; a policy forbids them too."""
    page = change_record_html(_RUN, [_machine("x")], _PLAN)
    assert "default-src 'none'" in page and not any(word in page for word in ("src=", "href=", "http://", "https://"))


def test_log_that_holds_a_fence_stays_in_its_block() -> None:
    """The fence is longer than any that the log holds."""
    text = change_record_markdown(_RUN, [_machine("x````\n# not a heading")], None)
    assert "`````text\nx````\n# not a heading\n`````" in text
