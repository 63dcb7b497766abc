"""Assessments of Windows machines, whole: scripts answered by the peer, read as those of a real machine would be."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.assess import AssessOptions, assess_machine
from collectors.windows import asking, assess
from collectors.windows.answer import read_answer
from collectors.windows.script_call import script_text
from collectors.windows.update_policy import server_address
from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment, Outcome, count_missing
from fleet.facts import RootWay, SearchWay
from fleet.failures import FailureKind, FindingKind, Severity
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Blocker, Classification, RebootBehavior, Update
from fleet.winrm import WinrmScheme, WinrmWay
from tests.collectors.windows.peer_transport import PeerTransport
from tests.winrm_peer import systems, traps
from tests.winrm_peer.execution import write_answer
from tests.winrm_peer.machine import AUTOMATIC_UPDATES, SESSION_MANAGER, WINDOWS_UPDATE, PeerMachine
from tests.winrm_peer.parts import PeerService, PeerUser, TokenKind

MACHINE = Machine(
    id="6f0b",
    name="web",
    transport=TransportKind.WINRM,
    address="192.0.2.1",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assess, "FIRST_PAUSE_SECONDS", 0.0)


def assess_peer(peer: PeerMachine, transport: PeerTransport | None = None, **options: object) -> Assessment:
    """The assessment of ``peer``, by its own clock."""
    chosen = replace(AssessOptions(), **options)  # type: ignore[arg-type] # options of several types
    way = transport or PeerTransport(peer)
    return asyncio.run(assess_machine(MACHINE, way, chosen, lambda: peer.clock.now().astimezone(UTC)))


def named(assessment: Assessment, start: str) -> Update:
    """The one update whose name begins so."""
    [found] = [update for update in assessment.updates if update.name.startswith(start)]
    return found


def kinds(assessment: Assessment) -> set[FindingKind]:
    """The kinds of what was noticed."""
    return {finding.kind for finding in assessment.findings}


def scripts(peer: PeerMachine) -> list[str]:
    """What ran there, in order."""
    return [run.name for run in peer.runs]


def test_a_server_is_assessed_in_one_command() -> None:
    """Where the login may search, nothing else is asked, and it is remembered that it may."""
    peer = systems.server_2022()

    found = assess_peer(peer)

    assert (found.outcome, found.coverage, scripts(peer)) == (Outcome.SUCCEEDED, Coverage.COMPLETE, ["assess"])
    facts = found.facts
    assert (facts.os_type, facts.os_version, facts.kernel) == (OSType.WINDOWS, "10.0.20348", "10.0.20348.2700")
    assert (facts.package_manager, facts.root_way, facts.reboot_required) == ("windows-update", RootWay.ROOT, Answer.NO)
    assert facts.windows is not None
    assert (facts.windows.search_way, facts.windows.net_version) == (SearchWay.DIRECT, "4.8")


def test_each_trap_is_read_for_what_it_is() -> None:
    """One update for each thing that readers of Windows Update fall for."""
    found = assess_peer(systems.server_2022())

    monthly, stack = named(found, "2026-10 Cumulative Update for Microsoft"), named(found, "2026-10 Servicing Stack")
    assert (monthly.size_bytes, monthly.severity, monthly.classification) == (None, "Critical", Classification.SECURITY)
    assert monthly.windows is not None
    assert (monthly.windows.kb, monthly.offered_version, monthly.advisories) == (
        ("5044281",),
        "KB5044281",
        ("KB5044281",),
    )
    assert monthly.windows.reboot_behavior is RebootBehavior.CAN_REQUEST
    assert stack.windows is not None and stack.windows.is_exclusive
    assert named(found, "Security Intelligence").size_bytes is None
    assert named(found, "Windows 11, version 25H2").blocker is Blocker.OPTIONAL
    assert named(found, "2026-10 Cumulative Update Preview").blocker is Blocker.OPTIONAL
    assert named(found, "Update for Windows Server 2022 (KB5012170)").blocker is Blocker.HIDDEN
    assert named(found, "Microsoft Silverlight").blocker is Blocker.NEEDS_PERSON
    assert named(found, "Microsoft .NET Framework 4.8.1").blocker is Blocker.NEEDS_LICENCE
    assert named(found, "Update for Microsoft Office").offered_version == "KBOFF16-A"
    assert named(found, "Windows Malicious Software").severity == ""


def test_drivers_with_one_title_have_names_of_their_own() -> None:
    """Three of them are called the same, and have no article."""
    drivers = [each for each in assess_peer(systems.server_2022()).updates if each.name.startswith("Intel - net")]

    assert len({each.name for each in drivers}) == len(drivers) > 1
    assert {each.offered_version for each in drivers} == {"rev 200"}


def test_definitions_and_what_nobody_asked_for_are_counted_apart() -> None:
    """They make nobody non-compliant, and nobody's count restless."""
    peer = systems.server_core()
    peer.updates += [traps.driver(), traps.preview(), traps.upgrade()]

    counts = count_missing(assess_peer(peer).updates)

    assert (counts.total, counts.definitions, counts.set_aside, counts.listed) == (0, 1, 3, 4)


def test_a_newer_build_is_searched_by_system_at_once() -> None:
    """The login is not tried first, and nothing is left there."""
    peer = systems.server_2025()

    found = assess_peer(peer)

    assert scripts(peer) == ["assess", "assess_follow", "assess_forget"]
    assert (found.outcome, peer.tasks) == (Outcome.SUCCEEDED, {})
    assert found.facts.windows is not None and found.facts.windows.search_way is SearchWay.TASK


def test_an_older_build_that_refuses_is_searched_by_system_and_remembered() -> None:
    """The refusal is found out once; what is remembered is asked for first."""
    peer = systems.server_2022()
    peer.is_search_refused = True

    first = assess_peer(peer)
    assert first.facts.windows is not None and first.facts.windows.search_way is SearchWay.TASK
    assess_peer(peer, search_ways={MACHINE.id: SearchWay.TASK})

    assert [run.told["search"] for run in peer.runs if run.name == "assess"] == ["auto", "task"]
    assert kinds(first) & {FindingKind.UPDATE_AGENT_BROKEN} == set()


def test_a_long_search_by_system_outlives_lost_connections() -> None:
    """Looks that are lost before or after the machine heard them cost nothing."""
    peer = systems.server_2025()
    peer.search_seconds = 300.0

    found = assess_peer(peer, PeerTransport(peer, push_seconds=60.0, lost_before={2}, lost_after={3, 4}))

    assert (found.outcome, peer.tasks) == (Outcome.SUCCEEDED, {})


def test_a_search_past_its_deadline_is_ended_and_what_was_learnt_is_kept() -> None:
    """The task is removed; facts and findings stay."""
    peer = systems.server_2025()
    peer.search_seconds = 86_400.0

    found = assess_peer(peer, deadline_seconds=0.05)

    assert found.failure is not None and found.failure.kind is FailureKind.DEADLINE_EXCEEDED
    assert (found.facts.host_name, peer.tasks) == ("SQL-2025", {})


def test_a_reboot_under_the_search_is_said() -> None:
    """The task is gone with its answer."""
    peer = systems.server_2025()
    peer.search_seconds, peer.reboots_itself_after, peer.reboot_seconds = 300.0, 1.0, 0.0

    found = assess_peer(peer, PeerTransport(peer, push_seconds=2.0))

    assert found.failure is not None and found.failure.kind is FailureKind.PACKAGE_MANAGER_FAILED
    assert "the task" in found.failure.came_back


def test_a_login_without_rights_is_told_why_nothing_works() -> None:
    """Neither it nor SYSTEM in its place may search; the remedy names the filter of tokens."""
    peer = systems.server_2022()
    peer.users = [PeerUser("reader", token=TokenKind.UNPRIVILEGED)]

    found = assess_peer(peer, PeerTransport(peer, user="reader"))

    assert found.failure is not None and found.failure.kind is FailureKind.ACCESS_DENIED
    assert "LocalAccountTokenFilterPolicy" in found.failure.remedy
    assert FindingKind.CANNOT_BECOME_ROOT in kinds(found)


def test_an_unreachable_server_shows_what_the_agent_knew_and_claims_nothing() -> None:
    """Names that are not resolved: listed is the agent's store, and nobody is compliant by it."""
    peer = systems.server_2022()
    peer.search_fails_with = "0x8024402C"

    found = assess_peer(peer)

    assert (found.coverage, found.outcome) == (Coverage.UNKNOWN, Outcome.INCOMPLETE)
    [stale] = [each for each in found.findings if each.kind is FindingKind.UPDATE_SOURCE_STALE]
    assert stale.severity is Severity.ERROR and "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED" in stale.text
    assert found.updates


def test_a_disabled_agent_fails_with_its_remedy() -> None:
    """The number is explained, and the service is named."""
    peer = systems.server_2022()
    peer.search_fails_with = "0x80070422"
    peer.services["wuauserv"] = PeerService("Stopped", "Disabled")

    found = assess_peer(peer)

    assert found.failure is not None and "ERROR_SERVICE_DISABLED" in found.failure.came_back
    assert "wuauserv" in found.failure.remedy
    assert FindingKind.UPDATE_AGENT_BROKEN in kinds(found)
    assert found.facts.windows is not None
    assert found.facts.windows.update_setting == "Error returned from unhealthy WUA agent"


@pytest.mark.parametrize("age_days", [30, 100])
def test_nothing_offered_by_a_wsus_is_compliant_only_while_it_is_kept_up(age_days: int) -> None:
    """A server that has had nothing new for months says nothing of what came out since."""
    peer = systems.server_core()
    peer.registry.write(WINDOWS_UPDATE, "WUServer", "https://admin:secret@wsus.example:8531")
    peer.registry.write(AUTOMATIC_UPDATES, "UseWUServer", 1)
    for update in peer.updates:
        if update.is_installed:
            update.last_deployment_change = peer.now() - timedelta(days=age_days)

    found = assess_peer(peer)

    expected = Coverage.COMPLETE if age_days == 30 else Coverage.SECURITY_UNKNOWN
    assert found.coverage is expected
    assert found.facts.windows is not None
    assert (found.facts.windows.wsus_server, found.facts.windows.update_source) == ("https://wsus.example:8531", "WSUS")


def test_a_server_that_is_named_and_not_used_is_no_answer() -> None:
    """WUServer without UseWUServer."""
    peer = systems.server_core()
    peer.registry.write(WINDOWS_UPDATE, "WUServer", "https://wsus.example:8531")

    found = assess_peer(peer)

    assert (found.coverage, FindingKind.UPDATE_POLICY in kinds(found)) == (Coverage.SECURITY_UNKNOWN, True)
    assert found.facts.windows is not None and found.facts.windows.wsus_server == ""


def test_warnings_of_a_search_are_told_and_those_of_the_network_make_it_partial() -> None:
    """Result code 3 is a result all the same."""
    peer = systems.server_2022()
    peer.search_result_code = 3
    peer.search_warnings = [{"hresult": -2145107924, "context": 2, "message": "x"}]

    found = assess_peer(peer)

    assert (found.coverage, FindingKind.SEARCH_WARNING in kinds(found)) == (Coverage.SECURITY_UNKNOWN, True)


@pytest.mark.parametrize(
    ("warnings", "expected"),
    [
        ([], Coverage.SECURITY_UNKNOWN),
        ([{"hresult": -1, "message": "nobody knows it"}], Coverage.SECURITY_UNKNOWN),
        ([{"hresult": "0x80240033"}], Coverage.COMPLETE),
        ([{"hresult": "0x80240033"}, {"message": "and no number"}], Coverage.SECURITY_UNKNOWN),
    ],
)
def test_results_with_warnings_are_whole_only_where_these_are_known_to_be_harmless(
    warnings: list[dict[str, object]], expected: Coverage
) -> None:
    """A licence text that cannot be fetched hides no update; what is not understood may."""
    peer = systems.server_core()
    peer.search_result_code, peer.search_warnings = 3, warnings

    assert assess_peer(peer).coverage is expected


def test_policies_that_could_not_be_read_leave_the_answer_open() -> None:
    """Nobody knows then whether a WSUS answered, and how old its answer is."""
    peer = systems.server_core()

    def change(answer: dict[str, object]) -> None:
        answer.update(source=None, errors=[{"stage": "source", "hresult": "0x80070005", "message": "no"}])

    assert assess_peer(peer, PeerTransport(peer, spoil=_rewritten(change))).coverage is Coverage.SECURITY_UNKNOWN


def test_dates_to_come_keep_no_wsus_fresh() -> None:
    """Nor does its age go unasked where only the agent, and no policy, names it."""
    peer = systems.server_core()

    def change(answer: dict[str, Any]) -> None:
        answer["source"]["service_id"] = "{3DA21691-E39D-4DA6-8A4B-B43877BCB1B7}"
        answer["search"]["service_id"] = ""
        for update in answer["installed"]:
            update["last_deployment_change_utc"] = "2199-01-01T00:00:00Z"

    assert assess_peer(peer, PeerTransport(peer, spoil=_rewritten(change))).coverage is Coverage.SECURITY_UNKNOWN


def test_what_keeps_a_task_from_being_looked_at_is_said_at_the_deadline() -> None:
    """It is not taken for a search that lasts."""
    peer = systems.server_2025()
    peer.search_seconds = 86_400.0

    def change(answer: dict[str, Any]) -> None:
        if "task_state" in answer:
            answer["errors"] = [{"stage": "follow", "hresult": "0x80070005", "message": "the folder is not ours"}]

    found = assess_peer(peer, PeerTransport(peer, spoil=_rewritten(change)), deadline_seconds=0.05)

    assert found.failure is not None and "the folder is not ours" in found.failure.came_back


def test_a_machine_that_gave_no_answer_is_marked_all_the_same_where_it_is_reached_without_tls() -> None:
    """The mark is of the way, not of what came back."""
    peer = systems.server_core()
    plain = replace(MACHINE, winrm=WinrmWay(scheme=WinrmScheme.HTTP))

    found = asyncio.run(assess_machine(plain, PeerTransport(peer, lost_before={1}), AssessOptions(), peer.now))

    assert found.failure is not None and kinds(found) == {FindingKind.MESSAGES_NOT_AUTHENTICATED}


def test_errors_without_end_are_a_few_findings() -> None:
    """Whatever a machine says, its list of findings has an end."""
    peer = systems.server_core()

    def change(answer: dict[str, Any]) -> None:
        answer["errors"] = [{"stage": "x", "message": str(number)} for number in range(1_000)]
        answer["search"] |= {"result_code": 3, "warnings": [{"message": str(number)} for number in range(1_000)]}

    found = assess_peer(peer, PeerTransport(peer, spoil=_rewritten(change)))

    assert len(found.findings) < 50 and "980 errors more" in " ".join(finding.text for finding in found.findings)


@pytest.mark.parametrize("takes_place_of", [lambda at: range(400), lambda at: [at + 1]])
def test_updates_that_all_supersede_each_other_are_read_at_once(takes_place_of: Callable[[int], Iterable[int]]) -> None:
    """All of all, or in one long chain: a second of CPU would be a minute for a longer list."""
    peer = systems.server_core()

    def change(answer: dict[str, Any]) -> None:
        answer["updates"] = [
            {"id": f"id-{at}", "title": f"{at}", "kb": [f"{at}"], "superseded": [f"id-{o}" for o in takes_place_of(at)]}
            for at in range(400)
        ]

    began = time.process_time()
    found = assess_peer(peer, PeerTransport(peer, spoil=_rewritten(change)))

    assert (len(found.updates), time.process_time() - began < 3) in ((400, True), (1, True))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("https://u:p/w@wsus.example:8531/x", "https://wsus.example:8531/x"),
        ("u:p@wsus.example", "wsus.example"),
        ("https://u:a://b@wsus.example", "https://wsus.example"),
        ("http://wsus.example:8530", "http://wsus.example:8530"),
    ],
)
def test_no_login_is_left_in_the_address_of_a_server(said: str, shown: str) -> None:
    """Whatever stands in its password."""
    assert server_address(said) == shown


@pytest.mark.parametrize(("name", "value"), [("AlwaysAutoRebootAtScheduledTime", 1), ("AUOptions", 4)])
def test_keys_that_reboot_in_spite_of_never_are_told(name: str, value: int) -> None:
    """Whoever deploys with the reboot policy never has to know."""
    peer = systems.server_2022()
    peer.registry.write(AUTOMATIC_UPDATES, name, value)

    assert FindingKind.REBOOT_POLICY in kinds(assess_peer(peer))


def test_files_to_be_replaced_are_no_reboot_that_is_required() -> None:
    """They are told of, and count as nothing."""
    peer = systems.server_2022()
    peer.registry.write(SESSION_MANAGER, "PendingFileRenameOperations", [r"\??\C:\x.tmp", ""])

    found = assess_peer(peer)

    assert found.facts.reboot_required is Answer.NO
    assert [each.severity for each in found.findings if each.kind is FindingKind.REBOOT_PENDING] == [Severity.INFO]


def test_superseded_updates_are_left_out_and_explained() -> None:
    """By which they are, too; one that a person hid takes nobody's place."""
    peer = systems.server_2022()
    newer, older = traps.cumulative(kb="5050001"), traps.cumulative(50, kb="5050000", month="2026-09")
    newer.superseded = [older.id]
    peer.updates = [older, newer]

    found = assess_peer(peer)

    [told] = [each for each in found.findings if each.kind is FindingKind.UPDATES_SUPERSEDED]
    assert "KB5050000" in told.text and "KB5050001" in told.text
    assert [update.advisories for update in found.updates] == [("KB5050001",)]

    newer.is_hidden = True
    assert len(assess_peer(peer).updates) == 2


def test_an_answer_that_is_none_is_kept_as_evidence() -> None:
    """With a failure that says so, and no exception."""
    peer = systems.server_2022()
    kept: list[bytes] = []

    def spoil(_: bytes) -> bytes:
        return b"garbage"

    found = assess_peer(peer, PeerTransport(peer, spoil=spoil), evidence=lambda _, raw: kept.append(raw))

    assert found.failure is not None and found.failure.kind is FailureKind.OUTPUT_UNREADABLE
    assert kept == [b"garbage"]


def test_no_login_of_an_update_server_is_in_evidence() -> None:
    """It does not leave the machine: whatever is kept of an answer has none."""
    peer = systems.server_core()
    peer.registry.write(WINDOWS_UPDATE, "WUServer", "https://admin:horse-7@wsus.example:8531")
    kept: list[bytes] = []
    spoil = _rewritten(lambda answer: answer.update(schema=99))

    assess_peer(peer, PeerTransport(peer, spoil=spoil), evidence=lambda _, raw: kept.append(raw))

    lines = kept[0].decode("ascii").split()
    told = base64.b64decode("".join(lines[2 : lines.index("patchdeck>>>")])).decode("utf-8")
    assert "wsus.example:8531" in told and "horse-7" not in told
    assert b"-replace '^([A-Za-z]+://)?.*@', '$1'" in script_text("assess")


def _rewritten(change: Callable[[dict[str, object]], object]) -> Callable[[bytes], bytes]:
    """A transport's output with its one answer changed."""

    def spoil(output: bytes) -> bytes:
        first, *lines, _ = output.decode("ascii").split()[1:]
        answer = json.loads(base64.b64decode("".join(lines[: lines.index("patchdeck>>>")])))
        change(answer)
        return write_answer(first, answer)

    return spoil


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.update(schema=99),
        lambda answer: answer.update(updates=["@{id=x; title=y}"]),
        lambda answer: answer.update(computer=[1, 2]),
        lambda answer: answer.update(updates=[{}] * 20_001),
    ],
)
def test_what_would_be_missing_from_counts_is_refused(change: Callable[[dict[str, object]], object]) -> None:
    """Another version, a list cut at its depth, one without end."""
    peer = systems.server_2022()

    found = assess_peer(peer, PeerTransport(peer, spoil=_rewritten(change)))

    assert found.failure is not None and found.failure.kind is FailureKind.OUTPUT_UNREADABLE


def test_nulls_and_scalars_in_the_place_of_lists_are_read() -> None:
    """As PowerShell 5.1 writes them, and as updates without half of their properties come."""
    peer = systems.server_2022()

    def change(answer: dict[str, object]) -> None:
        update = dict.fromkeys(answer["updates"][0])  # type: ignore[index] # a list, as it is written there
        update |= {"id": "{A0000000-0000-0000-0000-00000000000B}", "title": "x (KB1)", "kb": "1"}
        answer["updates"] = {"value": [update], "Count": 1}
        answer["history"], answer["installed"] = None, None

    found = assess_peer(peer, PeerTransport(peer, spoil=_rewritten(change)))

    [update] = found.updates
    assert (update.name, update.classification, update.blocker) == ("x (KB1)", Classification.UNCLASSIFIED, None)
    assert update.windows is not None and update.windows.update_id == "a0000000-0000-0000-0000-00000000000b"


def test_an_update_without_an_id_is_told_and_makes_the_answer_partial() -> None:
    """It can neither be known again nor ordered, and is not dropped without a word."""
    peer = systems.server_2022()

    def change(answer: dict[str, object]) -> None:
        answer["updates"] = [{"title": "lost"}]

    found = assess_peer(peer, PeerTransport(peer, spoil=_rewritten(change)))

    assert (found.updates, found.coverage) == ((), Coverage.SECURITY_UNKNOWN)
    assert FindingKind.LINES_NOT_READ in kinds(found)


def test_what_is_installed_is_known_by_its_title_and_its_long_name() -> None:
    """So that an update which is offered no more is told installed from withdrawn."""
    peer = systems.server_2022()
    monthly = peer.updates[0]
    before = named(assess_peer(peer), "2026-10 Cumulative Update for Microsoft")
    monthly.asks_for_reboot = False
    peer.install(monthly)

    after = assess_peer(peer)

    assert after.installed[before.name, ""] == "KB5044281"
    assert before.name not in {update.name for update in after.updates}


def test_windows_has_a_deadline_of_its_own() -> None:
    """A search lasts longer than what Linux machines are asked."""
    options = AssessOptions(deadline_seconds=120.0, windows_deadline_seconds=900.0)
    linux = replace(MACHINE, transport=TransportKind.SSH)

    assert (options.deadline_of(MACHINE), options.deadline_of(linux)) == (900.0, 120.0)
    assert replace(options, windows_deadline_seconds=None).deadline_of(MACHINE) == 120.0


def test_a_long_answer_is_never_read_in_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its JSON, nor what is in it: 50 machines with 200 updates each answer at once."""
    peer = systems.server_2022()
    peer.updates = [traps.cumulative(number, kb=str(5_100_000 + number)) for number in range(200)]
    here, threads = threading.current_thread(), set()

    def read(output: bytes, marker: str) -> Mapping[str, object]:
        threads.add(threading.current_thread())
        return read_answer(output, marker)

    monkeypatch.setattr(asking, "read_answer", read)

    assert (len(assess_peer(peer).updates), here in threads, len(threads)) == (200, False, 1)
