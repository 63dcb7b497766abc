"""Windows machines and their updates as rows: the KB first, nothing of Linux beside, nothing obeyed."""

import re
from dataclasses import replace

import pytest

from fleet.facts import WindowsFacts
from fleet.status import MachineStatus, summarise
from fleet.updates import Blocker, Classification, Update, WindowsUpdate
from fleet.winrm import WinrmScheme, WinrmWay
from ops.missing import MissingUpdate
from ops.missing_groups import group_missing
from tests.tui.windows_samples import NOW, TITLE, make_answer, make_cumulative, make_driver, make_windows
from tui.rows.fact_rows import fact_rows
from tui.rows.machine_rows import machine_row
from tui.rows.missing_rows import MISSING_COLUMNS, describe_group, missing_rows
from tui.rows.update_names import copied_name, shown_name, shown_version
from tui.rows.update_rows import UPDATE_COLUMNS, describe_update, update_rows
from tui.widgets.column_layout import lay_out, natural_widths
from tui.widgets.contents import Contents

STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")
HOSTILE = "[@click=app.boom]x[/] \x1b]52;c;aGk=\x07 \x9b31m a\x00b\rc\nd host\u202egnp.exe zero\u200bwidth 漢字"


def missing(*updates: Update) -> list[MissingUpdate]:
    return [MissingUpdate("m1", "dc-01", update, NOW, NOW) for update in updates]


def cells_of(update: Update) -> dict[str, str]:
    (row,) = update_rows(missing(update), NOW)
    return {column.name: cell for column, cell in zip(UPDATE_COLUMNS, row.cells, strict=True)}


def test_article_stands_before_the_title() -> None:
    """Whichever column cuts the title, the KB is read; it is not said twice."""
    cells = cells_of(make_cumulative())

    assert cells["package"].startswith("KB5044284 2026-11 Cumulative Update for Microsoft server")
    assert cells["package"].count("KB5044284") == 1
    assert (cells["offered"], cells["kb"]) == ("", "KB5044284 KB5044285")
    assert (cells["severity"], cells["reboot"], cells["repository"]) == ("Critical", "always", "WSUS")


def test_update_without_article_keeps_name_and_revision() -> None:
    """A driver is called as the agent calls it, and says why it is left out."""
    cells = cells_of(make_driver())

    assert (cells["package"], cells["offered"]) == ("Intel - Net - 30.4.7.2 [99999999]", "rev 3")
    assert (cells["installable"], cells["severity"], cells["reboot"]) == ("no, optional", "unspecified", "")


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("openssl", "3.0.2-1", ("openssl", "3.0.2-1")),
        ("Tool (KB1)", "KB1", ("KB1 Tool", "")),
        ("Tool", "KB1 and more", ("Tool", "KB1 and more")),
    ],
)
def test_only_an_article_moves(name: str, version: str, expected: tuple[str, str]) -> None:
    """Packages of Linux are shown as before."""
    assert (shown_name(name, version), shown_version(version)) == expected


def test_columns_that_say_nothing_are_not_there() -> None:
    """What a Windows update has no word for takes no room from its title, and is not counted as dropped."""
    rows = update_rows(missing(make_cumulative()), NOW)
    layout = lay_out(UPDATE_COLUMNS, natural_widths(UPDATE_COLUMNS, rows), 200)
    names = [UPDATE_COLUMNS[placed.index].name for placed in layout.placed]

    assert not {"installed", "arch", "offered", "kb"} & set(names)
    assert {"severity", "reboot"} <= set(names)
    assert layout.dropped == 0


@pytest.mark.parametrize(
    ("text", "count"), [("kb:5044284", 1), ("kb:KB5044285", 1), ("class:driver", 1), ("why:optional", 1), ("!kb:5", 1)]
)
def test_filters_find_articles_classes_and_reasons(text: str, count: int) -> None:
    """Also by the second article of an update, which no column shows."""
    contents = Contents(MISSING_COLUMNS)
    contents.set_rows(missing_rows(group_missing(missing(make_cumulative(), make_driver())), NOW))
    contents.filter_text = text
    contents.arrange()

    assert len(contents) == count


def test_all_of_an_update_is_described() -> None:
    """Title, class, severity, restart and who approves; for a driver why it is left out."""
    (group,) = group_missing(missing(make_cumulative()))
    told = " ".join(piece.text for line in describe_group(group) for piece in line)
    driver = " ".join(piece.text for line in describe_update(missing(make_driver())[0]) for piece in line)

    assert TITLE in told
    assert "security" in told
    assert "· MSRC Critical · always restarts · by WSUS" in told
    assert "Not installable, optional: a driver, which is installed only where it is asked for" in driver
    assert "MSRC unspecified" in driver
    assert copied_name(make_cumulative()) == "KB5044284 KB5044285"


def test_facts_are_those_of_windows() -> None:
    """Build, agent, source and setting are there; kernel, package lists and becoming root are not."""
    machine = make_windows()
    definitions = replace(make_cumulative(), classification=Classification.DEFINITION_UPDATES)
    answer = summarise(make_answer(machine, definitions, make_driver()))
    rows = {row.cells[0]: row.cells[1] for row in fact_rows(MachineStatus(machine, answer, answer), NOW)}

    assert (rows["Build"], rows["Edition"]) == ("20348.2700", "ServerStandard Server Core")
    assert (rows["Domain"], rows["Updates from"]) == ("corp.example.com", "WSUS")
    assert rows["WSUS"] == "http://wsus.example.com:8530, group Servers"
    assert rows["In no count"] == "1 definition update, 1 set aside"
    assert rows["Searched"] == "by a task of SYSTEM: the login may not search"
    assert (rows["Automatic updates"], rows["Last installed"]) == ("Notify before installation", "unknown")
    assert not {"Kernel", "Becomes root by", "Package lists of", "Repositories"} & set(rows)


def test_http_is_marked() -> None:
    """Where nothing proves that answers are the machine's, list and facts say so."""
    machine = make_windows(scheme=WinrmScheme.HTTP)
    answer = summarise(make_answer(machine))
    status = MachineStatus(machine, answer, answer)
    messages = next(row for row in fact_rows(status, NOW) if row.cells[0] == "Messages")
    clear = replace(machine, winrm=WinrmWay(WinrmScheme.HTTP, is_clear_text_allowed=True))
    told = next(row for row in fact_rows(replace(status, machine=clear), NOW) if row.cells[0] == "Messages")

    assert "yes, http!" in machine_row(status, NOW).cells
    assert machine_row(status, NOW).cells[-1] == "winrm http! CORP\\patchdeck@192.0.2.9"
    assert "not authenticated" in messages.cells[1]
    assert "NOT ENCRYPTED" in told.cells[1]
    assert "winrm CORP\\patchdeck@192.0.2.9" in machine_row(replace(status, machine=make_windows()), NOW).cells


def test_nothing_that_windows_says_steers_the_screen() -> None:
    """Titles, articles, products and facts with control characters become harmless lines."""
    known = WindowsUpdate(HOSTILE, HOSTILE, (HOSTILE,), HOSTILE, HOSTILE, HOSTILE, (HOSTILE,))
    update = replace(
        make_cumulative(),
        name=HOSTILE,
        offered_version=HOSTILE,
        repository=HOSTILE,
        severity=HOSTILE,
        blocker=Blocker.HIDDEN,
        blocker_detail=HOSTILE,
        windows=known,
    )
    machine = make_windows()
    answer = make_answer(machine)
    said = WindowsFacts(
        build=HOSTILE,
        edition=HOSTILE,
        installation_type=HOSTILE,
        domain=HOSTILE,
        agent_version=HOSTILE,
        update_setting=HOSTILE,
        update_source=HOSTILE,
        wsus_server=HOSTILE,
        wsus_group=HOSTILE,
        net_version=HOSTILE,
        powershell=HOSTILE,
    )
    summary = summarise(replace(answer, facts=replace(answer.facts, windows=said)))
    rows = [
        *update_rows(missing(update), NOW),
        *missing_rows(group_missing(missing(update)), NOW),
        *fact_rows(MachineStatus(machine, summary, summary), NOW),
    ]

    assert not [cell for row in rows for cell in row.cells if STEERING.search(cell)]
