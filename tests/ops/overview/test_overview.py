"""The overview of the sample fleet says what its saved queries and verbs say, and finds what needs somebody."""

import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from fleet.answers import Answer, Coverage
from fleet.assessments import MissingCounts, Outcome
from fleet.deployments.runs import RunStatus
from fleet.facts import MachineFacts
from fleet.machines import Machine, OSType, TransportKind
from fleet.sparklines import bar, sparkline
from fleet.status import AssessmentSummary, MachineStatus
from ops.config import Settings
from ops.deployments.definitions import remove_deployment
from ops.deployments.history import list_runs
from ops.home import Home, open_home
from ops.overview.kept import Kept, read_kept, read_kept_at
from ops.overview.needs import NeedKind, machine_needs, needs_of
from ops.overview.query_groups import count_groups, with_counted
from ops.overview.reading import Overview, read_overview, stand, with_kept
from ops.overview.standing import judge_statuses, part_of
from ops.overview.trend import TrendDay, TrendFailed, ask_trend, ask_trend_apart, span_of
from ops.past.runs import list_runs_at
from ops.questions import find_query, open_engine
from ops.statuses import statuses_of

SAMPLE = Path(__file__).parents[3] / "sample-data"
NOW = datetime.fromisoformat((SAMPLE / "now.txt").read_text("ascii").strip())
_ASKED = (
    "compliance-by-system",
    "fleet-compliance",
    "reboot-pending",
    "compliance-by-day",
    "machines-judged",
    "machines-and-updates",
    "compliance-of-machines",
    "compliance-by-tag",
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The sample fleet, only read. SQLite makes files beside the state even so: that is a copy."""
    folder = tmp_path_factory.mktemp("sample")
    for name in ("version", "state.db"):
        shutil.copy(SAMPLE / name, folder / name)
    (folder / "tables").symlink_to(SAMPLE / "tables")
    return open_home(folder, create=False, read_only=True)


@pytest.fixture(scope="module")
def overview(sample: Home) -> Overview:
    """Its overview at the moment for which it was made."""
    return read_overview(sample, NOW)


@pytest.fixture(scope="module")
def asked(sample: Home) -> Mapping[str, list[dict[str, object]]]:
    """The answers of the saved queries that tell the same."""
    answers = {}
    with open_engine(sample, Settings(), now=NOW) as engine:
        for name in _ASKED:
            saved = find_query(sample, name)
            result = engine.run(saved.text, saved.values({}), language=saved.language)
            names = [column.name for column in result.columns]
            answers[name] = [dict(zip(names, row, strict=True)) for row in result.rows]
    return answers


Asked = Mapping[str, list[dict[str, object]]]


def test_figures_by_system_are_those_of_the_saved_query(overview: Overview, asked: Asked) -> None:
    """Machines, compliant ones and their share, of each system under the same name."""
    ours = {each.name: (each.machines, each.compliant, each.percent) for each in overview.standing.systems}
    theirs = {
        row["System"]: (row["Machines"], row["Compliant"], row["Percent"]) for row in asked["compliance-by-system"]
    }
    assert ours == theirs


def test_figures_of_the_fleet_are_those_of_the_saved_query(overview: Overview, asked: Asked) -> None:
    """Each word of compliance counts as many machines, those that are left out too."""
    ours = Counter({each.value: count for each, count in overview.standing.fleet.counts.items()})
    theirs = Counter({str(row["Compliance"]): int(str(row["Machines"])) for row in asked["fleet-compliance"]})
    assert ours == theirs


def test_saved_queries_judge_each_machine_as_lists_do(sample: Home, asked: Asked) -> None:
    """Also one whose last answer saw nothing, though the tables still know what it missed before (web-06)."""
    ours = {
        each.status.machine.name: each.compliance.value for each in judge_statuses(statuses_of(sample, ["all"]), NOW)
    }
    assert ours["web-06"] == "unknown"
    for name in ("machines-judged", "machines-and-updates"):
        assert {row["Computer"]: row["Compliance"] for row in asked[name]} == ours
    counted = Counter(ours.values())
    assert Counter({row["Compliance"]: row["Machines"] for row in asked["compliance-of-machines"]}) == counted
    by_tag = Counter[str]()
    for row in asked["compliance-by-tag"]:
        by_tag.update({"compliant": row["Compliant"], "non-compliant": row["NonCompliant"], "unknown": row["Unknown"]})
    assert by_tag == {word: counted[word] for word in ("compliant", "non-compliant", "unknown")}


def test_past_is_judged_as_the_present_was(sample: Home) -> None:
    """Of all that were enabled then: what an answer that saw nothing left in the tables is no verdict either."""
    saved = find_query(sample, "compliance-at")
    with open_engine(sample, Settings(), now=NOW) as engine:
        result = engine.run(saved.text, saved.values({"at": f"{NOW:%Y-%m-%dT%H:%M}"}), language=saved.language)
    places = [[column.name for column in result.columns].index(name) for name in ("Compliance", "Machines")]
    theirs = {row[places[0]]: row[places[1]] for row in result.rows}
    ours = Counter(each.compliance.value for each in judge_statuses(statuses_of(sample, ["all"]), NOW) if each.is_meant)
    assert theirs == ours


def test_machines_to_reboot_are_those_of_the_saved_query(overview: Overview, asked: Asked) -> None:
    """One row there is one machine here."""
    (reboot,) = (each for each in overview.needs if each.kind is NeedKind.REBOOT)
    assert reboot.count == len(asked["reboot-pending"])


def test_trend_is_that_of_the_saved_query_also_in_a_process_of_its_own(
    sample: Home, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Day by day; the process brings no other figures than the engine at hand."""
    days = ask_trend(sample, NOW)
    assert [(each.day, each.machines, each.percent) for each in days] == [
        (row["Day"], row["Machines"], row["Percent"]) for row in asked["compliance-by-day"]
    ]
    for heavy in ("duckdb", "polars"):
        monkeypatch.delitem(sys.modules, heavy, raising=False)
    assert ask_trend_apart(sample, NOW) == days


def test_process_that_cannot_ask_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its one line of error comes back, and no traceback."""
    for heavy in ("duckdb", "polars"):
        monkeypatch.delitem(sys.modules, heavy, raising=False)
    with pytest.raises(TrendFailed, match="There is no home at"):
        ask_trend_apart(Home(tmp_path / "gone"), NOW)


def test_runs_that_failed_are_the_last_ones_of_their_deployments(sample: Home, overview: Overview) -> None:
    """A deployment whose last run succeeded needs nobody, whatever failed before."""
    last: dict[str, RunStatus] = {}
    for each in list_runs(sample):
        if each.run.status.is_over:
            last.setdefault(each.run.deployment.name, each.run.status)
    (failed,) = (each for each in overview.needs if each.kind is NeedKind.FAILED_RUNS)
    assert failed.count == sum(status is RunStatus.FAILED for status in last.values()) == len(failed.ids)
    assert failed.total == len(last)


def test_gravest_stand_first_and_what_goes_on_asks_for_nobody(overview: Overview) -> None:
    """The order is that of the kinds; next starts and open runs are told and not asked for."""
    kinds = [each.kind for each in overview.needs]
    assert kinds == sorted(kinds, key=list(NeedKind).index)
    assert {NeedKind.NEXT_START, NeedKind.RUNS_OPEN} <= set(kinds)
    assert not {NeedKind.NEXT_START, NeedKind.RUNS_OPEN} & {each.kind for each in overview.needed}


def machine_status(
    name: str, *, security: int = 0, answered: timedelta | None = timedelta(hours=1), **more: object
) -> MachineStatus:
    """A Linux machine that answered so long ago, or never, and misses so many security updates."""
    enrolled = Machine(
        f"id-{name}", name, TransportKind.SSH, NOW, address="192.0.2.1", enabled=bool(more.get("on", True))
    )
    if answered is None:
        return MachineStatus(enrolled, outside=str(more.get("outside", "")))
    answer = AssessmentSummary(
        NOW - answered,
        NOW - answered,
        Outcome.SUCCEEDED,
        Coverage.COMPLETE,
        MissingCounts(security=security),
        MachineFacts(os_type=OSType.LINUX, os_name="Debian", os_version="12", reboot_required=Answer.NO),
        (),
        is_ready=True,
    )
    return MachineStatus(enrolled, answer, answer, outside=str(more.get("outside", "")))


def test_what_is_not_known_is_never_compliant() -> None:
    """Machines without an answer or with an old one count in the denominator; those left out count nowhere."""
    statuses = [
        machine_status("good"),
        machine_status("bad", security=2),
        machine_status("old", answered=timedelta(days=2)),
        machine_status("new", answered=None),
        machine_status("off", on=False),
        machine_status("far", outside="not in the scope"),
    ]
    part = part_of("fleet", judge_statuses(statuses, NOW))
    assert (part.compliant, part.machines, part.assessed, part.left_out, part.percent) == (1, 4, 2, 2, 25.0)
    assert part.in_words() == ("2 of 4 assessed, 1 non-compliant, 1 stale, 1 not-assessed, 1 disabled, 1 outside-scope")
    assert part.ids == {"id-good", "id-bad", "id-old", "id-new"}


def test_machines_need_somebody_for_what_they_lack() -> None:
    """Each need names exactly its machines; disabled ones need nobody."""
    statuses = [
        machine_status("bad", security=2),
        machine_status("old", answered=timedelta(days=2)),
        machine_status("new", answered=None),
        machine_status("off", on=False, security=3),
    ]
    needs = {each.kind: each for each in machine_needs(judge_statuses(statuses, NOW))}
    assert needs[NeedKind.NON_COMPLIANT].ids == ("id-bad",)
    assert set(needs[NeedKind.NOT_ASSESSED].ids) == {"id-old", "id-new"}
    assert (needs[NeedKind.NOT_ASSESSED].count, needs[NeedKind.NOT_ASSESSED].total) == (2, 3)
    assert needs[NeedKind.NOT_ASSESSED].text == "1 not-assessed, 1 stale: new, old"


def test_nothing_needs_anybody_in_a_fleet_that_is_well() -> None:
    """Only what goes on is left; no service is missed where there is nothing for one to do."""
    needs = list(machine_needs(judge_statuses([machine_status("good")], NOW)))
    assert needs_of(needs, Kept()) == []
    assert [each.kind for each in needs_of(needs, Kept(service_is_missed=True))] == [NeedKind.SERVICE]


def test_group_that_cannot_be_evaluated_says_so(tmp_path: Path) -> None:
    """It has no figures, and keeps no other group from having them."""
    from fleet.groups.group import Group
    from ops.groups import define_group

    home = open_home(tmp_path / "home")
    define_group(home, Group("all-of-them", targets=("all",)))
    define_group(home, Group("asked", query="reboot-pending"))
    standing = stand(home, [machine_status("good"), machine_status("bad", security=1)], NOW, asks_queries=False)
    by_name = {each.name: each for each in standing.groups}
    assert (by_name["all-of-them"].compliant, by_name["all-of-them"].machines) == (1, 2)
    assert by_name["asked"].is_pending
    assert by_name["asked"].percent is None
    define_group(home, Group("around-it", targets=("group:asked",)))
    broken, around = count_groups(home, ["no-such", "around-it"], NOW)
    assert (broken.problem != "", broken.is_pending, around.problem) == (True, False, "")
    assert around in with_counted(standing.groups, {"asked": around})


def test_groups_of_queries_are_counted_by_another_as_here(tmp_path: Path) -> None:
    """The verb, which asks the queries itself, has the same figures."""
    from fleet.groups.group import Group
    from ops.groups import define_group

    for name in ("version", "state.db"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    shutil.copytree(SAMPLE / "tables", tmp_path / "tables")  # groups are published, and audited, in them
    home = open_home(tmp_path, create=False)
    define_group(home, Group("to-restart", query="reboot-pending"))
    define_group(home, Group("calm", expression="not group:to-restart"))
    here = stand(home, statuses_of(home, ["all"]), NOW).groups
    later = stand(home, statuses_of(home, ["all"]), NOW, asks_queries=False).groups
    assert all(each.is_pending for each in later)
    counted = {each.name: each for each in count_groups(home, [each.name for each in later], NOW)}
    assert with_counted(later, counted) == here
    assert all(each.machines for each in here)


def test_settings_that_cannot_be_used_are_told_beside_all_else(
    sample: Home, overview: Overview, tmp_path: Path
) -> None:
    """The line that is wrong stands first; machines, runs and alerts are told by the defaults."""
    for name in ("version", "state.db"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    (tmp_path / "tables").symlink_to(sample.tables_dir)
    (tmp_path / "config.toml").write_text("nonsense = 1\n", "utf-8")
    found = read_overview(open_home(tmp_path, create=False), NOW)
    assert found.needs[0].kind is NeedKind.SETTINGS
    assert "nonsense" in found.needs[0].text
    assert found.needs[1:] == overview.needs


def test_empty_home_needs_nobody(tmp_path: Path) -> None:
    """No machine, no service that is missed."""
    found = read_overview(open_home(tmp_path / "home"), NOW)
    assert found.is_empty
    assert found.needs == []


def test_kept_part_is_read_anew_over_the_same_machines(sample: Home, overview: Overview) -> None:
    """What the app reads when only a run has changed is equal to what it reads of all."""
    assert with_kept(sample, overview.standing, NOW) == overview


def test_sparkline_has_gaps_where_nothing_is_known() -> None:
    """The lowest block is known to be little; a blank is not known."""
    assert sparkline([0.0, None, 50.0, 100.0]) == "▁ ▅█"
    assert (bar(0, 4), bar(0.1, 4), bar(50, 4), bar(100, 4)) == ("", "▏", "██", "████")


def test_span_is_of_the_days_that_are_known() -> None:
    """A day on which nobody answered is no begin and no end."""
    silent = TrendDay(date(2026, 11, 1), 5, 0, 0)
    known = replace(silent, day=date(2026, 11, 2), answered=5, compliant=4)
    assert silent.percent is None
    assert span_of([silent, known, silent]) == (known, known)
    assert span_of([silent]) is None


def test_overview_of_an_earlier_time_is_of_then(sample: Home) -> None:
    """Machines judged by what they had said by then, runs that had ended by then, alerts that were open; no service."""
    then = NOW - timedelta(days=10)
    found = read_overview(sample, then, then)
    saved = find_query(sample, "compliance-at")
    with open_engine(sample, Settings(), now=NOW) as engine:
        rows = engine.run(saved.text, saved.values({"at": f"{then:%Y-%m-%dT%H:%M}"}), language=saved.language).rows
    assert found.is_past
    assert found.standing.fleet.compliant == {row[1]: row[2] for row in rows}["compliant"]
    runs = {each.run.id: each.run for each in list_runs_at(sample, then)}
    (failed,) = (each for each in found.needs if each.kind is NeedKind.FAILED_RUNS)
    assert all(runs[each].status is RunStatus.FAILED for each in failed.ids)
    assert {each.kind for each in found.needs}.isdisjoint({NeedKind.SERVICE, NeedKind.NEXT_START})


def test_last_runs_of_deployments_that_were_removed_need_nobody_then_either(tmp_path: Path) -> None:
    """The present and the last instant of the past tell the same runs, in the same order."""
    for name in ("version", "state.db"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    home = open_home(tmp_path, create=False)
    before = read_kept_at(home, NOW).failed_runs
    removed = remove_deployment(home, before[0].deployment.name).deployment.name
    now = read_kept(home, Settings(), NOW, has_machines=True).last_runs
    assert removed not in {run.deployment.name for run in now}
    assert [run.id for run in read_kept_at(home, NOW + timedelta(days=3650)).last_runs] == [run.id for run in now] != []
    assert read_kept_at(home, NOW).failed_runs == before
