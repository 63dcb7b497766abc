"""What may be written in the definition of a group, to be completed while one types."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.groups.facts import FACTS, TAG_PREFIX
from fleet.hostile import clean_name
from fleet.status import MachineStatus
from ops.home import Home


@dataclass(frozen=True, slots=True)
class GroupWords:
    """Completions: of targets, of an expression, of the names of queries and profiles."""

    targets: tuple[str, ...]
    expression: tuple[str, ...]
    queries: tuple[str, ...]
    profiles: tuple[str, ...] = ()


def read_words(home: Home, statuses: Sequence[MachineStatus]) -> GroupWords:
    """The words of a home; blocking. Kinds of targets come before names, of which there may be thousands."""
    from ops.credentials.book import list_profiles
    from ops.groups import list_groups
    from ops.questions import saved_queries

    targets = target_words(statuses, [group.name for group in list_groups(home)])
    keys = sorted({key for status in statuses for key in status.machine.tags})
    facts = (*FACTS, *(f"{TAG_PREFIX}{key}" for key in keys), "and", "or", "not")
    profiles = tuple(profile.name for profile in list_profiles(home))
    return GroupWords(targets, (*facts, *targets), tuple(saved.name for saved in saved_queries(home)), profiles)


def target_words(statuses: Sequence[MachineStatus], groups: Sequence[str]) -> tuple[str, ...]:
    """Every target that names something now."""
    tags = [f"tag:{word}" for word in tag_words(statuses)]
    names = [clean_name(status.machine.name) for status in statuses]
    return ("all", *(f"group:{name}" for name in groups), *tags, "os:linux", "os:windows", *names)


def tag_words(statuses: Sequence[MachineStatus]) -> tuple[str, ...]:
    """Every tag that some machine has: ``env=prod``."""
    return tuple(sorted({f"{key}={value}" for status in statuses for key, value in status.machine.tags.items()}))
