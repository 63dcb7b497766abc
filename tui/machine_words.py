"""What may be written in the form of a machine, to be completed while one types."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.status import MachineStatus
from ops.home import Home
from tui.group_words import tag_words


@dataclass(frozen=True, slots=True)
class MachineWords:
    """Completions: tags that other machines have, and the names of profiles."""

    tags: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()


def read_words(home: Home, statuses: Sequence[MachineStatus]) -> MachineWords:
    """The words of a home; blocking."""
    from ops.credentials.book import list_profiles

    return MachineWords(tag_words(statuses), tuple(profile.name for profile in list_profiles(home)))
