"""The style sheet of the app, which reads each sheet once, and works out the styles of components once for their place.

Owns nothing of what rules say or whom they fit: Textual finds that out. It reads all sheets again whenever a theme is
applied, also the one that was; here only where a colour is another one. What it found for a component is used again as
long as everything that its rules look at is the same; measured, that is a third of the work of opening a screen.
"""

from collections.abc import Hashable
from operator import is_
from weakref import WeakKeyDictionary

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

# More than all kinds of widgets that the app has: Textual's 64 are fewer, and what falls out is read anew each time.
_MOST_SHEETS = 1024

Place = tuple[Hashable, ...]


class ComponentSheet(Stylesheet):
    """A style sheet that keeps what it found for components; should Textual ask differently, it only takes longer."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_MOST_SHEETS)
        self._parsed_with: dict[str, str] | None = None  # the variables of the rules that there are
        self._kept_of: list[RuleSet] | None = None  # the rules that what is kept was made of
        self._kept: dict[tuple[Place, str], RulesMap] = {}
        self._places: WeakKeyDictionary[DOMNode, Place] = WeakKeyDictionary()
        self._known: dict[str, tuple[list[RuleSet], bool]] = {}  # of each component its rules, and whether it is steady

    def set_variables(self, variables: dict[str, str]) -> None:
        """Takes other variables; the same change nothing."""
        if variables != self._variables:
            super().set_variables(variables)

    def parse(self) -> None:
        """Reads what sheets were not read yet."""
        super().parse()
        self._parsed_with = self._variables

    def reparse(self) -> None:
        """Reads all sheets with the variables as they are now, where they are others than those of the last time."""
        if self._parsed_with is not self._variables:
            super().reparse()
            self._parsed_with = self._variables
        elif self._require_parse:
            self.parse()

    def _process_component_classes(self, node: DOMNode) -> None:
        components = node._get_component_classes()
        if not components:
            return
        self._forget_other_rules()
        if not all(self._is_steady(each) for each in components):
            super()._process_component_classes(node)
            return
        place = _place_of(node)
        if self._places.get(node) == place:
            return
        had_styles = bool(node._component_styles)
        for component in sorted(components):
            self._style(node, place, component)
        self._places[node] = place
        if had_styles:
            node.refresh()

    def _style(self, node: DOMNode, place: Place, component: str) -> None:
        """Gives the component of ``node`` its styles, those that were found at the same place before if any were."""
        inner = DOMNode(classes=component)
        inner._attach(node)
        kept = self._kept.get((place, component))
        if kept is None:
            self.apply(inner)
            self._kept[place, component] = inner.styles.base.get_rules()
        else:
            inner.styles.base.merge_rules(kept)
        node._component_styles[component] = inner.styles

    def _forget_other_rules(self) -> None:
        """Forgets what was found by other rules than those of the sheet, as when the theme is another.

        A screen that brings a style sheet of its own makes them a new list, most often without a word on components.
        """
        if self._kept_of is not self.rules:
            self._kept_of = self.rules
            if any(not _are_same(rules, self._rules_for(name)) for name, (rules, _) in self._known.items()):
                self._kept.clear()
                self._places.clear()
                self._known.clear()

    def _rules_for(self, component: str) -> list[RuleSet]:
        return [rule for name in ("*", f".{component}") for rule in self.rules_map.get(name, ())]

    def _is_steady(self, component: str) -> bool:
        """Whether its rules look at names, classes and kinds only, and not at states such as the focus."""
        if component not in self._known:
            rules = self._rules_for(component)
            self._known[component] = (rules, not any(map(_looks_at_states, rules)))
        return self._known[component][1]


def _are_same(some: list[RuleSet], others: list[RuleSet]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _looks_at_states(rule: RuleSet) -> bool:
    """Whether it depends on a state of what a component is in; a component itself has none."""
    return any(selector.pseudo_classes for each in rule.selector_set for selector in each.selectors[:-1])


def _place_of(node: DOMNode) -> Place:
    """All that rules without states can look at: kind, name and classes of a widget and of whatever it is in."""
    return tuple((type(each), each.id, each.classes) for each in node.css_path_nodes)
