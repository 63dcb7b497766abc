"""Two people edit the same thing: what each of them changed, and what comes of keeping both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, TypeVar  # Any: fields of every dataclass that can be edited

from fleet.audit_difference import Difference, differences
from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.name_lists import some_of

_Edited = TypeVar("_Edited")
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class EditedPlace:
    """One value that somebody changed: what it was when it was read, what they made of it, and what is wanted here.

    None: it is, or was, the default or absent.
    """

    path: str
    was: str | None
    theirs: str | None
    mine: str | None

    @property
    def is_theirs(self) -> bool:
        """Whether the others changed it."""
        return self.theirs != self.was

    @property
    def is_mine(self) -> bool:
        """Whether it was changed here."""
        return self.mine != self.was

    @property
    def is_contested(self) -> bool:
        """Whether both changed it, and not to the same."""
        return self.is_theirs and self.is_mine and self.theirs != self.mine


class EditConflict(BadInput):
    """Somebody changed what was being edited, after it had been read. Nothing was changed by the attempt to keep it.

    Args:
        what: what was edited, as in ``group web``.
        seen: how it was when it was read; ``theirs`` how it is kept now, ``mine`` what was to be kept.
        by: who changed it, as the audit says; ``at`` when, None where the audit does not say.
        places: what the two changed, `compare_edits`.
    """

    def __init__(  # one for each thing that whoever decides wants to know
        self, what: str, seen: object, theirs: object, mine: object, *, by: str, at: datetime | None,
        places: Sequence[EditedPlace],
    ) -> None:  # fmt: skip
        self.what = what
        self.seen = seen
        self.theirs = theirs
        self.mine = mine
        self.by = by
        self.at = at
        self.places = tuple(places)
        super().__init__(f"{self.headline} Nothing was changed: look at it, and try again.")

    @property
    def merged(self) -> object:
        """What is kept now, with what was changed here: what to keep where mine is to win."""
        return merge_edits(self.seen, self.theirs, self.mine)

    @property
    def headline(self) -> str:
        """Who changed what, and when, in a sentence."""
        when = f" at {self.at:%Y-%m-%d %H:%M:%SZ}" if self.at else ""
        names = some_of([clean(place.path, 60) for place in self.places if place.is_theirs], 6)
        return f"{self.by} changed {self.what}{when}, after you had read it{f': {names}' if names else ''}."


def compare_edits(seen: str, theirs: str, mine: str) -> tuple[EditedPlace, ...]:
    """Each value that one of two edits of the JSON document ``seen`` changed; those that both changed come first."""
    by_them, by_me = _by_path(differences(seen, theirs)), _by_path(differences(seen, mine))
    places = [_place(path, by_them.get(path), by_me.get(path)) for path in dict.fromkeys((*by_them, *by_me))]
    return tuple(sorted(places, key=lambda place: not place.is_contested))


def merge_edits(seen: _Edited, theirs: _Edited, mine: _Edited) -> _Edited:
    """``theirs`` with what ``mine`` changed of ``seen``: of a field that both changed, mine is kept.

    Parts that are dataclasses themselves are merged field by field; lists and mappings are one value each.
    """
    changed = {each.name: _merged(*(getattr(side, each.name) for side in (seen, theirs, mine))) for each in _of(seen)}
    return replace(theirs, **changed)  # type: ignore[type-var]  # a dataclass, or it has no fields


def _merged(seen: Any, theirs: Any, mine: Any) -> Any:
    if mine == seen:
        return theirs
    if is_dataclass(seen) and type(seen) is type(theirs) is type(mine):
        return merge_edits(seen, theirs, mine)
    return mine


def _of(value: object) -> Sequence[Any]:
    return fields(value) if is_dataclass(value) else ()


def _by_path(found: Sequence[Difference]) -> Mapping[str, tuple[str | None, str | None]]:
    """What was and is at each path; of a list of which several members came or went, all of them."""
    grouped: dict[str, list[Difference]] = {}
    for each in found:
        grouped.setdefault(each.path, []).append(each)
    return {
        path: (_joined(each.before for each in of), _joined(each.after for each in of)) for path, of in grouped.items()
    }


def _joined(texts: Any) -> str | None:
    known = [clean(text, _LONGEST) for text in texts if text is not None]
    return "; ".join(known) if known else None


def _place(
    path: str, theirs: tuple[str | None, str | None] | None, mine: tuple[str | None, str | None] | None
) -> EditedPlace:
    was = (theirs or mine or (None, None))[0]
    return EditedPlace(path, was, theirs[1] if theirs else was, mine[1] if mine else was)
