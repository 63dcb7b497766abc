"""What a Linux machine said of itself, as facts."""

from datetime import datetime

from fleet.facts import MachineFacts, Repository
from tui.rows.ages import describe_age
from tui.rows.fact_texts import (
    Fact,
    body_facts,
    end_of_life_fact,
    none_or,
    place_facts,
    reboot_fact,
    time_text,
    updaters_fact,
)
from tui.tones import Tone


def linux_facts(facts: MachineFacts, now: datetime) -> list[Fact]:
    """All of it, the most important first."""
    return [
        reboot_fact(facts),
        ("Services to restart", none_or(facts.services_to_restart), Tone.NORMAL),
        ("System", facts.os_full_name or "", Tone.NORMAL),
        end_of_life_fact(facts, now),
        ("Updated by", facts.update_model.value if facts.update_model else "", Tone.NORMAL),
        ("Kernel", facts.kernel or "", Tone.NORMAL),
        ("Architecture", facts.architecture or "", Tone.NORMAL),
        *place_facts(facts, now),
        ("Package manager", facts.package_manager or "", Tone.NORMAL),
        ("Package lists of", time_text(facts.metadata_at, now), Tone.NORMAL),
        ("Repositories", _repositories(facts, now), Tone.NORMAL),
        updaters_fact(facts, now),
        *body_facts(facts),
    ]


def _repositories(facts: MachineFacts, now: datetime) -> str:
    return ", ".join(f"{each.name} ({_describe_copy(each, now)})" for each in facts.repositories)


def _describe_copy(repository: Repository, now: datetime) -> str:
    if repository.is_failing:
        return "failing"
    return describe_age(repository.made_at, now) if repository.made_at else "no date"
