"""Style sheets that are parsed once for all apps of the tests, not once for each app."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

# What was parsed, by the values of the variables of the theme, as Textual keeps it for one app: its key tells the rest.
_PARSED: dict[frozenset[tuple[str, str]], dict[tuple[object, ...], list[RuleSet]]] = {}


@contextmanager
def parsed_once() -> Iterator[None]:
    """While it holds, apps share what was parsed. Which rules there are and whom they fit is found out as ever."""
    make, set_variables = Stylesheet.__init__, Stylesheet.set_variables

    def share(sheet: Stylesheet) -> None:
        parsed = _PARSED.setdefault(frozenset(sheet._variables.items()), {})
        sheet._parse_cache = parsed  # type: ignore[assignment]  # a dictionary is all that is needed of it

    def make_sharing(sheet: Stylesheet, *, variables: dict[str, str] | None = None) -> None:
        make(sheet, variables=variables)
        share(sheet)

    def set_shared(sheet: Stylesheet, variables: dict[str, str]) -> None:
        sheet._parse_cache = {}  # type: ignore[assignment]  # it is emptied, which the others are not to notice
        set_variables(sheet, variables)
        share(sheet)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "__init__", make_sharing)
        patch.setattr(Stylesheet, "set_variables", set_shared)
        yield
