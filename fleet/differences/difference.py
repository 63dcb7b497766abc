"""How one picture of a fleet became another: what has to be changed in the first to have the second, and back."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from fleet.differences.pictures import FleetPicture, MachinePicture, UpdateKey, UpdatePicture

Key = TypeVar("Key", bound=Hashable)
Picture = TypeVar("Picture", MachinePicture, UpdatePicture)


@dataclass(frozen=True, slots=True)
class Change(Generic[Picture]):
    """What was ``before`` and is ``after``; None where there was or is nothing. They differ."""

    before: Picture | None
    after: Picture | None

    def turned(self) -> "Change[Picture]":
        """The way back."""
        return Change(self.after, self.before)


@dataclass(frozen=True, slots=True)
class Difference:
    """The changes of machines by id, and of updates by their key; nothing that stayed."""

    machines: Mapping[str, Change[MachinePicture]]
    updates: Mapping[UpdateKey, Change[UpdatePicture]]

    @property
    def is_empty(self) -> bool:
        """Whether both pictures were the same."""
        return not self.machines and not self.updates

    def turned(self) -> "Difference":
        """The way back: from the second picture to the first."""
        return Difference(
            {key: change.turned() for key, change in self.machines.items()},
            {key: change.turned() for key, change in self.updates.items()},
        )


def compare(before: FleetPicture, after: FleetPicture) -> Difference:
    """How ``before`` became ``after``."""
    return Difference(_compare(before.machines, after.machines), _compare(before.updates, after.updates))


def apply(picture: FleetPicture, difference: Difference) -> FleetPicture:
    """What ``difference`` makes of the ``picture`` that it begins with."""
    return FleetPicture(_apply(picture.machines, difference.machines), _apply(picture.updates, difference.updates))


def _compare(before: Mapping[Key, Picture], after: Mapping[Key, Picture]) -> dict[Key, Change[Picture]]:
    keys = [*before, *(key for key in after if key not in before)]
    return {key: Change(before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def _apply(pictures: Mapping[Key, Picture], changes: Mapping[Key, Change[Picture]]) -> dict[Key, Picture]:
    kept = {key: picture for key, picture in pictures.items() if key not in changes}
    return kept | {key: change.after for key, change in changes.items() if change.after is not None}
