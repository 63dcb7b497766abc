"""Queries of the group Windows: their values over hand-made tables."""

from collections.abc import Callable
from datetime import datetime, timedelta

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

DAY = timedelta(days=1)


def windows(machine: Make, name: str, **more: object) -> Row:
    return machine(name, OSType="Windows", OSFullName="Windows Server 2022", **more)


def update(now: datetime, name: str, **more: object) -> Row:
    return {
        "TimeGenerated": now - DAY,
        "Computer": name,
        "SourceComputerId": f"id-{name}",
        "OSType": "Windows",
        "UpdateID": "u1",
        "UpdateState": "Needed",
        "KBID": "5044284;5044285",
        "Title": "2026-11 Cumulative Update",
        "Product": "Windows Server 2022",
        "Classification": "Security Updates",
        "MSRCSeverity": "Critical",
        "RebootBehavior": "AlwaysRequiresReboot",
        "IsInstallable": True,
        "NotInstallableReason": "",
        "FirstSeen": now - 3 * DAY,
        **more,
    }


def test_kb_is_found_by_any_of_its_articles(ask: Ask, write_rows: WriteRows, machine: Make, now: datetime) -> None:
    """With or without KB, whole numbers only; a machine that nobody spoke of is there with an empty state."""
    write_rows("Machine", *(windows(machine, name) for name in ("a", "b")), machine("linux"))
    write_rows("Update", update(now, "a"))

    for text in ("KB5044284", "5044285", "kb5044285"):
        assert ask("kb-on-machines", "Computer State", kb=text) == [("a", "Needed"), ("b", "")]
    assert ask("kb-on-machines", "State", kb="504428") == [("",), ("",)]


def test_state_of_a_kb_holds_since_it_was_noticed(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """What is installed is so since then, not since it was first needed."""
    write_rows("Machine", *(windows(machine, name) for name in ("has", "lacks")))
    write_rows("Update", update(now, "lacks", FirstSeen=now - 9 * DAY))
    installed = update(now, "has", UpdateState="Installed", FirstSeen=now - 9 * DAY, TimeGenerated=now - 2 * DAY)
    write_rows("UpdateHistory", installed)

    answer = ask("kb-on-machines", "State Since", kb="KB5044284")
    assert answer == [("Needed", now - 9 * DAY), ("Installed", now - 2 * DAY)]


def test_machines_that_have_the_kb_are_left_out(ask: Ask, write_rows: WriteRows, machine: Make, now: datetime) -> None:
    """What is needed stands first, then what nobody spoke of."""
    write_rows("Machine", *(windows(machine, name) for name in ("has", "lacks", "silent")))
    write_rows("Update", update(now, "lacks"))
    write_rows("UpdateHistory", update(now, "has", UpdateState="Installed"))

    assert ask("machines-without-kb", "Computer IsNeeded", kb="KB5044284") == [("lacks", True), ("silent", False)]


def test_severities_leave_definitions_and_what_is_set_aside_out(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """The worst first, and Unspecified last: it is not low."""
    write_rows("Machine", windows(machine, "a"), windows(machine, "b"))
    write_rows(
        "Update",
        update(now, "a", UpdateID="u2", MSRCSeverity="Unspecified", Classification="Update Rollups"),
        update(now, "a"),
        update(now, "b"),
        update(now, "a", UpdateID="u3", Classification="Definition Updates"),
        update(now, "a", UpdateID="u4", NotInstallableReason="optional", IsInstallable=False),
    )

    assert ask("missing-by-severity", "MSRCSeverity Updates Machines") == [("Critical", 1, 2), ("Unspecified", 1, 1)]
    assert ask("set-aside-updates", "NotInstallableReason Machines") == [("optional", 1)]
    assert ask("restarts-to-come", "Computer Always") == [("a", 2), ("b", 1)]


def test_definitions_are_old_since_they_were_last_up_to_date(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """A newer version that takes the place of the one that is lacked begins nothing anew."""
    definitions: Row = {"Classification": "Definition Updates", "Product": "Microsoft Defender Antivirus"}
    steps = [("v1", "Installed", 9), ("v2", "Needed", 6), ("v2", "NotNeeded", 2), ("v3", "Needed", 2)]
    write_rows("Machine", windows(machine, "a"))
    write_rows("Update", update(now, "a", UpdateID="v3", FirstSeen=now - 2 * DAY, **definitions))
    write_rows(
        "UpdateHistory",
        *(
            update(now, "a", UpdateID=version, UpdateState=state, TimeGenerated=now - days * DAY, **definitions)
            for version, state, days in steps
        ),
    )

    assert ask("definition-ages", "Computer LackedDays") == [("a", 6)]
    assert ask("definition-ages", days=7) == []


def test_sources_and_agents_are_those_of_windows(ask: Ask, write_rows: WriteRows, machine: Make) -> None:
    """A WSUS that stands still is counted; machines that are disabled, or run Linux, are not."""
    wsus: Row = {"UpdateSource": "WSUS", "WSUSServer": "http://wsus:8530", "WSUSGroup": "Servers"}
    stale = '[{"kind":"update-source-stale","severity":"warning","text":"","remedy":""}]'
    write_rows(
        "Machine",
        windows(machine, "a", Findings=stale, WindowsUpdateSetting="Disabled", **wsus),
        windows(machine, "b", Findings="[]", WindowsUpdateSetting="Scheduled installation", **wsus),
        windows(machine, "off", Enabled=False, **wsus),
        machine("linux"),
    )

    assert ask("update-sources", "UpdateSource WSUSGroup Machines Stale MachineNames") == [
        ("WSUS", "Servers", 2, 1, "a, b")
    ]
    assert ask("update-agents", "Computer", setting="Sched*") == [("b",)]
    assert ask("windows-builds") == []
