"""What metrics say of a home, and that gathering again says the same as gathering anew."""

import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.alerts.records import EVALUATION, Acknowledgement, AlertRecord
from fleet.alerts.rule import AlertRule, RuleKind
from fleet.alerts.severity import Severity
from fleet.answers import Answer, Coverage
from fleet.channels import Channel, ChannelKind
from fleet.compliance import Compliance
from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import MachineRun, MachineRunStatus, Requester, RunStatus
from fleet.deployments.update_rules import UpdateRules
from fleet.failures import FailureKind
from fleet.groups.group import Group
from fleet.machines import OSType
from fleet.messages import Message, MessageKind
from fleet.updates import Blocker, Classification
from ops.config import Settings
from ops.deployments.definitions import define
from ops.deployments.new_runs import new_run
from ops.groups import define_group
from ops.home import Home, open_home
from ops.metrics.gathering import Gatherer
from ops.metrics.machines import MOST_SYSTEMS
from ops.scoping import add_to_scope
from ops.state.alerts import AlertBook
from ops.state.channels import ChannelBook
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.state.outbox import Outbox
from ops.state.runs import RunBook
from tests.ops.metrics.conftest import NOW, Page, answer, enrol, failure, machine, read_page, store, total, value

_SECURITY, _OTHERS, _UNCLASSIFIED = Classification.SECURITY, Classification.OTHERS, Classification.UNCLASSIFIED

_NIGHTLY = Deployment("nightly", ("all",), UpdateRules(classes=(_SECURITY,)))


def _page(home: Home, chosen: Settings | None = None) -> Page:
    return read_page(Gatherer(home).gather(chosen or Settings(), NOW).page())


def _debian(page: Page, name: str, **labels: str) -> float | None:
    return value(page, name, os="Linux", system="debian 12", **labels)


def test_an_empty_home_tells_of_itself(home: Home) -> None:
    """That there is no service, and when that was written; nothing of machines is made up."""
    page = _page(home)
    assert value(page, "patchdeck_written_timestamp_seconds") == NOW.timestamp()
    assert value(page, "patchdeck_service_running") == 0
    assert total(page, "patchdeck_part_success") == 6
    assert value(page, "patchdeck_audit_entries_total") == 0
    assert total(page, "patchdeck_machines") is None
    assert total(page, "patchdeck_missing_updates") is None


def test_every_machine_is_in_one_sample(home: Home) -> None:
    """By its compliance, also those that are disabled, never assessed, stale or out of reach."""
    good, bad, stale, lost, never, off = (
        machine(name, enabled=name != "off") for name in ("good", "bad", "stale", "lost", "never", "off")
    )
    enrol(home, good, bad, stale, lost, never, off)
    store(home, answer(good), answer(bad, _SECURITY, _OTHERS), answer(stale, at=NOW - timedelta(days=2)), answer(lost))
    store(home, failure(lost, FailureKind.CONNECTION_REFUSED), answer(off, _SECURITY))
    page = _page(home)
    assert total(page, "patchdeck_machines") == 6
    for state in (Compliance.COMPLIANT, Compliance.NON_COMPLIANT, Compliance.STALE, Compliance.UNREACHABLE):
        assert _debian(page, "patchdeck_machines", compliance=state.value) == 1
    assert value(page, "patchdeck_machines", os="unknown", system="unknown", compliance="not-assessed") == 1
    assert _debian(page, "patchdeck_machines", compliance="disabled") == 1
    assert value(page, "patchdeck_machines_failing", kind="connection-refused") == 1
    assert value(page, "patchdeck_machines_failing", kind="login-refused") == 0
    assert value(page, "patchdeck_oldest_answer_timestamp_seconds", os="Linux") == (NOW - timedelta(days=2)).timestamp()


def test_unknown_is_not_zero(home: Home) -> None:
    """Where no machine could say whether security updates are missing, there is no number of them."""
    arch, blind, partly = machine("arch"), machine("blind"), machine("partly")
    enrol(home, arch, blind, partly)
    store(home, answer(arch, _UNCLASSIFIED, coverage=Coverage.UNCLASSIFIED, system=("arch", "")))
    store(home, answer(blind, coverage=Coverage.UNKNOWN, system=("blind", "1"), reboot=Answer.UNKNOWN))
    store(home, answer(partly, _OTHERS, coverage=Coverage.SECURITY_UNKNOWN, system=("partly", "1")))
    page = _page(home)
    assert value(page, "patchdeck_missing_updates", os="Linux", system="arch", classification="unclassified") == 1
    assert value(page, "patchdeck_missing_updates", os="Linux", system="arch", classification="security") is None
    assert total(page, "patchdeck_missing_updates", system="blind 1") is None
    assert total(page, "patchdeck_machines_counted", system="blind 1") is None
    assert value(page, "patchdeck_missing_updates", os="Linux", system="partly 1", classification="others") == 1
    assert value(page, "patchdeck_missing_updates", os="Linux", system="partly 1", classification="security") is None
    assert value(page, "patchdeck_machines_reboot_required", os="Linux", system="blind 1", answer="unknown") == 1


def test_known_missing_updates_count_also_where_there_may_be_more(home: Home) -> None:
    """The number of machines beside it says how many of them are counted whole."""
    first, second = machine("a"), machine("b")
    enrol(home, first, second)
    store(home, answer(first, _SECURITY, _SECURITY, coverage=Coverage.UNKNOWN), answer(second))
    page = _page(home)
    assert _debian(page, "patchdeck_missing_updates", classification="security") == 2
    assert _debian(page, "patchdeck_machines_missing", classification="security") == 1
    assert _debian(page, "patchdeck_machines_counted", classification="security") == 1


def test_what_windows_offers_beside_missing_updates_is_told_apart(home: Home) -> None:
    """Definitions and what is set aside are in no count of missing updates; of Linux there is no number of them."""
    offered = answer(machine("win"), Classification.DEFINITION_UPDATES, Classification.DRIVERS, _SECURITY)
    definitions, driver, security = offered.updates
    facts = replace(offered.facts, os_type=OSType.WINDOWS)
    updates = (definitions, replace(driver, blocker=Blocker.OPTIONAL), security)
    blind = replace(answer(machine("blind")), facts=replace(facts, os_name="Blind"))
    enrol(home, machine("win"), machine("linux"), machine("blind"))
    store(home, replace(offered, facts=facts, updates=updates), answer(machine("linux"), _SECURITY))
    store(home, replace(blind, coverage=Coverage.UNKNOWN))
    page = _page(home)
    assert total(page, "patchdeck_updates_not_counted", os="Windows", kind="definitions") == 1
    assert total(page, "patchdeck_updates_not_counted", os="Windows", kind="set-aside") == 1
    assert total(page, "patchdeck_missing_updates", os="Windows") == 1
    assert total(page, "patchdeck_updates_not_counted", os="Linux") is None
    assert total(page, "patchdeck_machines", system="Blind") == 1
    assert total(page, "patchdeck_updates_not_counted", system="Blind") is None


def test_what_may_not_be_touched_has_no_missing_updates(home: Home) -> None:
    """Machines outside the scope are told as such, and nothing of them is counted as work."""
    inside, outside = machine("in", env="prod"), machine("out")
    enrol(home, inside, outside)
    define_group(home, Group("prod", expression="tag:env=prod"))
    add_to_scope(home, ["prod"])
    store(home, answer(inside, _SECURITY), answer(outside, _SECURITY))
    page = _page(home)
    assert _debian(page, "patchdeck_machines", compliance="outside-scope") == 1
    assert _debian(page, "patchdeck_missing_updates", classification="security") == 1
    assert value(page, "patchdeck_group_machines", group="prod", compliance="non-compliant") == 1
    assert value(page, "patchdeck_group_missing_updates", group="prod", classification="security") == 1


def test_groups_are_counted_and_broken_ones_told(home: Home) -> None:
    """A group that cannot be evaluated has no machines, which is not none."""
    enrol(home, machine("web-1"), machine("db-1"))
    define_group(home, Group("web", ("web-*",)))
    define_group(home, Group("around", ("group:web", "group:gone")))
    page = _page(home)
    assert value(page, "patchdeck_group_evaluated", group="web") == 1
    assert total(page, "patchdeck_group_machines", group="web") == 1
    assert value(page, "patchdeck_group_evaluated", group="around") == 0
    assert total(page, "patchdeck_group_machines", group="around") is None
    assert total(_page(home, Settings(metrics_groups=())), "patchdeck_group_evaluated") is None
    assert total(_page(home, Settings(metrics_groups=("W*",))), "patchdeck_group_evaluated") == 1


def test_single_machines_have_metrics_where_a_setting_names_them(home: Home) -> None:
    """By targets; what is unknown of them has no sample. A target that cannot be used is told."""
    chosen, other = machine("db-1", env="prod"), machine("web-1")
    enrol(home, chosen, other)
    store(home, answer(chosen, _SECURITY, reboot=Answer.YES), answer(other, reboot=Answer.UNKNOWN))
    wanted = Settings(metrics_machines=("tag:env=prod", "web-*", "no-such-*", "grp:x", "group:gone"))
    gathered = Gatherer(home).gather(wanted, NOW)
    page = read_page(gathered.page())
    assert value(page, "patchdeck_machine_missing_updates", machine="db-1", classification="security") == 1
    assert value(page, "patchdeck_machine_reboot_required", machine="db-1") == 1
    assert value(page, "patchdeck_machine_reboot_required", machine="web-1") is None
    assert value(page, "patchdeck_machine_disk_free_bytes", machine="db-1", path="/var") == 5_000
    assert total(page, "patchdeck_machine_info", system="debian 12") == 2
    assert total(_page(home), "patchdeck_machine_info") is None
    assert [problem.partition(":")[0] for problem in gathered.problems] == ["metrics.machines"] * 2


def test_machines_that_make_up_systems_do_not_fill_the_page(home: Home) -> None:
    """Above fifty systems the rarest are one, and steering characters in their names do no harm."""
    hostile = [machine(f"h{number}") for number in range(MOST_SYSTEMS + 5)]
    enrol(home, *hostile)
    store(home, *(answer(each, system=(f'x"\n\\{number}\x1b[2J', "1")) for number, each in enumerate(hostile)))
    page = _page(home)
    assert len({dict(labels)["system"] for name, labels in page if name == "patchdeck_machines"}) == MOST_SYSTEMS + 1
    assert total(page, "patchdeck_machines", system="other") == 5
    assert value(page, "patchdeck_left_out", what="systems") == 5
    assert total(page, "patchdeck_machines") == MOST_SYSTEMS + 5


def test_runs_are_counted_by_how_they_ended(home: Home) -> None:
    """Those that are over only ever grow, gathered again or anew."""
    enrol(home, machine("a"))
    define(home, _NIGHTLY)
    gatherer = Gatherer(home)
    for number, status in enumerate((RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.IN_PROGRESS)):
        run = new_run(_NIGHTLY, NOW + timedelta(hours=number), Requester("tester"))
        with opened(home.state_file) as connection:
            book = RunBook(connection)
            book.make(run)
            connection.execute(
                "INSERT INTO machine_runs (run_id, machine_id, wave, position, status, document) "
                "VALUES (?, 'id-a', 0, 0, 'NotStarted', '{}')",
                (run.id,),
            )
            book.save(replace(run, status=status, ended_at=NOW if status.is_over else None))
            book.save_machine(MachineRun(run.id, "id-a", "a", 0, MachineRunStatus.SUCCEEDED))
        page = read_page(gatherer.gather(Settings(), NOW).page())
    assert value(page, "patchdeck_runs_total", status="Succeeded") == 1
    assert value(page, "patchdeck_runs_total", status="Failed") == 1
    assert value(page, "patchdeck_runs", status="InProgress") == 1
    assert value(page, "patchdeck_machine_runs_total", status="Succeeded") == 2
    assert value(page, "patchdeck_deployment_last_run_succeeded", deployment="nightly") == 0
    assert value(page, "patchdeck_deployment_last_run_machines", deployment="nightly", status="Succeeded") == 1
    again = _page(home)
    assert {key: each for key, each in again.items() if "runs" in key[0]} == {
        key: each for key, each in page.items() if "runs" in key[0]
    }


def test_who_gets_told_is_counted(home: Home) -> None:
    """Open alerts by whether somebody took them, messages by where they stand, runs that lack approvals."""
    rule = AlertRule("r1", "disk-low", RuleKind.DEPLOYMENT_RUNS, Severity.CRITICAL, window_minutes=60)
    taken = Acknowledgement("anna", NOW)
    message = Message("m1", MessageKind.ALERT_OPENED, Severity.ERROR, NOW, "Low")
    with opened(home.state_file) as connection:
        book = AlertBook(connection)
        book.put(rule)
        book.put(replace(rule, id="r2", name="off", is_enabled=False))
        records = [
            AlertRecord("a", "low", NOW, opened_at=NOW),
            AlertRecord("b", "low", NOW, opened_at=NOW, acknowledgement=taken),
            AlertRecord("c", "nearly", NOW),
            AlertRecord("d", "was", NOW, opened_at=NOW, resolved_at=NOW),
        ]
        book.keep_records("r1", records, [])
        for name in ("hook", "idle"):
            channel = Channel(name, name, ChannelKind.COMMAND, command=("/bin/false",))
            ChannelBook(connection).put(channel)
        Outbox(connection).post(message, ["hook"])
        RunBook(connection).make(new_run(replace(_NIGHTLY, needs_approval=1), NOW, Requester("tester")))
    page = _page(home)
    assert value(page, "patchdeck_alerts_open", rule="disk-low", severity="Critical", acknowledged="no") == 1
    assert value(page, "patchdeck_alerts_open", rule="disk-low", severity="Critical", acknowledged="yes") == 1
    assert value(page, "patchdeck_alert_rule_evaluated", rule="disk-low") == 1
    assert total(page, "patchdeck_alerts_open", rule="off") is None
    assert value(page, "patchdeck_deliveries", channel="hook", status="waiting") == 1
    assert total(page, "patchdeck_deliveries", channel="idle") == 0
    assert value(page, "patchdeck_oldest_waiting_delivery_timestamp_seconds", channel="hook") == NOW.timestamp()
    assert total(page, "patchdeck_channel_failing") == 0
    assert value(page, "patchdeck_runs_unapproved") == 1
    with opened(home.state_file) as connection:
        AlertBook(connection).keep_records("r1", [AlertRecord(EVALUATION, "fails", NOW, opened_at=NOW)], [])
    assert value(_page(home), "patchdeck_alert_rule_evaluated", rule="disk-low") == 0


def test_a_part_that_cannot_be_read_costs_the_others_nothing(home: Home) -> None:
    """It is told as missing."""
    enrol(home, machine("a"))
    with opened(home.state_file) as connection:
        connection.execute("INSERT INTO feeds (name, document) VALUES ('bad', 'not json')")
    gathered = Gatherer(home).gather(Settings(), NOW)
    page = read_page(gathered.page())
    assert not gathered.is_whole
    assert value(page, "patchdeck_part_success", part="sources") == 0
    assert value(page, "patchdeck_part_success", part="machines") == 1
    assert total(page, "patchdeck_machines") == 1
    assert [problem.partition(":")[0] for problem in gathered.problems] == ["sources"]


_DEEDS = st.lists(st.tuples(st.sampled_from("aernsg"), st.integers(0, 3)), max_size=8)


@settings(max_examples=15)
@given(_DEEDS)
def test_gathering_again_says_what_gathering_anew_does(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, int]]
) -> None:
    """Whatever became of machines in between: added, answered, renamed, removed, regrouped."""
    home = open_home(tmp_path_factory.mktemp("again") / "home")
    kept = Gatherer(home)
    names = {number: f"m{number}" for number in range(4)}
    for deed, number in deeds:
        enrolled = machine(names[number])
        with opened(home.state_file) as connection:
            book = MachineBook(connection)
            is_there = any(each.id == enrolled.id for each in book.list_machines())
            if deed in "ae" and not is_there:
                book.add(enrolled)
            elif deed == "r" and is_there:
                book.remove(enrolled.name)
        if deed in "es" and (is_there or deed == "e"):
            store(home, answer(enrolled, *([_SECURITY] * number), at=NOW - timedelta(minutes=number)))
        if deed == "g":
            define_group(home, Group("some", (f"m{number}",)), replace=True)
        assert _timeless(read_page(kept.gather(Settings(), NOW).page())) == _timeless(_page(home))


def _timeless(page: Page) -> Page:
    return {
        key: each
        for key, each in page.items()
        if key[0] not in ("patchdeck_gathering_seconds", "patchdeck_home_free_bytes")
    }


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed: Debian's package prometheus")
def test_promtool_finds_nothing_to_say(home: Home) -> None:
    """`promtool check metrics` knows the format and the conventions."""
    chosen = machine("a")
    enrol(home, chosen)
    define_group(home, Group("all-of-them", ("a",)))
    define(home, _NIGHTLY)
    store(home, answer(chosen, _SECURITY))
    wanted = Settings(metrics_machines=("all",), app_name='lab "1"')
    page = Gatherer(home).gather(wanted, NOW).page()
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=page, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
