"""What a Windows machine said of itself, as facts, and what its way to here means for what it says."""

from datetime import datetime

from fleet.facts import MachineFacts, SearchWay, WindowsFacts
from fleet.machines import Machine, TransportKind
from fleet.reaching import mark_of
from fleet.winrm import WinrmScheme, WinrmWay
from tui.rows.fact_texts import (
    Fact,
    body_facts,
    end_of_life_fact,
    place_facts,
    reboot_fact,
    time_text,
    updaters_fact,
)
from tui.tones import Tone

_SEARCH_WAYS = {
    SearchWay.DIRECT: "by the login itself",
    SearchWay.TASK: "by a task of SYSTEM: the login may not search",
}


def windows_facts(facts: MachineFacts, now: datetime) -> list[Fact]:
    """All of it, the most important first."""
    known = facts.windows or WindowsFacts()
    return [
        reboot_fact(facts),
        ("System", facts.os_full_name or facts.os_name or "", Tone.NORMAL),
        end_of_life_fact(facts, now),
        ("Edition", " ".join(part for part in (known.edition, known.installation_type) if part), Tone.NORMAL),
        ("Build", known.build or facts.kernel or "", Tone.NORMAL),
        ("Architecture", facts.architecture or "", Tone.NORMAL),
        ("Domain", known.domain, Tone.NORMAL),
        *place_facts(facts, now),
        *_agent_facts(known, now),
        updaters_fact(facts, now),
        ("PowerShell", known.powershell, Tone.NORMAL),
        (".NET", known.net_version, Tone.NORMAL),
        *body_facts(facts),
    ]


def messages_fact(machine: Machine) -> Fact:
    """How what is sent is protected on the way."""
    if machine.transport is TransportKind.SSH:
        return ("Messages", "over SSH", Tone.NORMAL)
    way = machine.winrm or WinrmWay()
    tone = Tone.NORMAL if way.scheme is WinrmScheme.HTTPS else Tone.BAD if way.is_clear_text_allowed else Tone.PENDING
    return ("Messages", f"over {way.scheme.value.upper()}{mark_of(way)}", tone)


def _agent_facts(known: WindowsFacts, now: datetime) -> list[Fact]:
    group = f", group {known.wsus_group}" if known.wsus_group else ""
    wsus = f"{known.wsus_server}{group}" if known.wsus_server else "none in use"
    return [
        ("Update agent", known.agent_version, Tone.NORMAL),
        ("Updates from", known.update_source, Tone.NORMAL),
        ("WSUS", wsus, Tone.NORMAL),
        ("Automatic updates", known.update_setting, Tone.NORMAL),
        ("Searched", _SEARCH_WAYS[known.search_way] if known.search_way else "", Tone.NORMAL),
        ("Agent searched", time_text(known.searched_at, now), Tone.NORMAL),
        ("Last installed", time_text(known.installed_at, now), Tone.NORMAL),
    ]
