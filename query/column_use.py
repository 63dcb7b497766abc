"""Which columns of a table a query can need: binding all of a wide table takes longer than most queries.

A column is needed when its name stands anywhere in the query, as a column, a constant or an alias, whatever its case;
and all columns are, where a star or its like shows them: in the answer, or to what compares, unites or counts rows. A
star in a CTE or a subquery in FROM shows nothing by itself: whoever reads it names the columns. In doubt it is all.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from query.gate import CheckedQuery
from query.syntax import Node, children, is_query, mapping, text, texts

_PLAIN_SOURCES = frozenset({"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY"})


def columns_named(query: CheckedQuery) -> Mapping[str, frozenset[str] | None]:
    """For each table of ``query`` the names that stand in it, casefolded; None for a table that it needs whole."""
    survey = _Survey()
    survey.look_at(query.tree)
    names = frozenset(survey.names)
    whole = survey.whole_tables()
    return {name: None if whole is None or name.casefold() in whole else names for name in query.tables}


@dataclass(slots=True, eq=False)
class _Select:
    """A SELECT: what it reads, whether a star gives on what it reads, and who sees its columns.

    ``seen_by`` is the SELECT in whose FROM it stands, the name of its CTE, or None where all of its columns count.
    """

    seen_by: "_Select | str | None"
    has_star: bool
    sources: list[str] = field(default_factory=list)


class _Survey:
    """What there is in the tree of a query."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._selects: list[_Select] = []
        self._ctes: list[str] = []
        self._tables: set[str] = set()
        self._alone: set[str] = set()
        self._is_odd = False

    def look_at(self, tree: object) -> None:
        """Go through ``tree``, without recursion: it may be deep."""
        waiting: list[tuple[object, _Select | str | None]] = [(tree, None)]
        while waiting:
            found, seen_by = waiting.pop()
            if isinstance(found, str):
                self.names.add(found.casefold())
            elif isinstance(found, list):
                waiting.extend((child, None) for child in found)
            elif isinstance(found, dict):
                waiting.extend(self._inside(found, seen_by))

    def whole_tables(self) -> frozenset[str] | None:
        """The casefolded names of what is needed with all columns; None for everything."""
        aliases_used_as_values = self._alone & (self._tables | set(self._ctes))
        if self._is_odd or aliases_used_as_values or len(set(self._ctes)) < len(self._ctes):
            return None
        stars_by_viewer: dict[_Select | str | None, list[_Select]] = defaultdict(list)
        for select in self._selects:
            if select.has_star:
                stars_by_viewer[select.seen_by].append(select)
        shown: set[str] = set()
        waiting = stars_by_viewer.pop(None, [])
        while waiting:
            select = waiting.pop()
            shown.update(select.sources)
            viewers: tuple[_Select | str, ...] = (select, *select.sources)
            for viewer in viewers:
                waiting += stars_by_viewer.pop(viewer, [])
        return frozenset(shown)

    def _inside(self, node: Node, seen_by: "_Select | str | None") -> Iterator[tuple[object, _Select | str | None]]:
        if text(node, "type") == "SELECT_NODE":
            yield from self._inside_select(node, seen_by)
            return
        if is_query(node):
            yield from self._inside_ctes(node)
        self._note(node)
        yield from ((value, None) for key, value in node.items() if key != "cte_map" and key != "type")

    def _inside_select(
        self, node: Node, seen_by: "_Select | str | None"
    ) -> Iterator[tuple[object, _Select | str | None]]:
        yield from self._inside_ctes(node)
        chosen = children(node, "select_list")
        stars = [item for item in chosen if text(item, "class") == "STAR" and not item.get("columns")]
        select = _Select(None if children(node, "modifiers") and _is_distinct(node) else seen_by, bool(stars))
        self._selects.append(select)
        for item in chosen:
            if item in stars:  # the names that it leaves out or renames
                yield from ((value, None) for value in item.values())
            else:
                yield item, None
        yield from self._sources(mapping(node, "from_table"), select)
        yield from ((value, None) for key, value in node.items() if key not in ("cte_map", "select_list", "from_table"))

    def _inside_ctes(self, node: Node) -> Iterator[tuple[object, _Select | str | None]]:
        for entry in children(mapping(node, "cte_map"), "map"):
            name, value = text(entry, "key").casefold(), mapping(entry, "value")
            self._ctes.append(name)
            body = mapping(value, "query_node")
            yield body, (None if texts(value, "aliases") or not body else name)
            yield [inner for key, inner in value.items() if key != "query_node"], None

    def _sources(self, source: Node, select: _Select) -> Iterator[tuple[object, _Select | str | None]]:
        """The parts of FROM; its own tables are noted as read by ``select``."""
        waiting = [source]
        while waiting:
            found = waiting.pop()
            self._note(found)
            kind = text(found, "type")
            if kind == "BASE_TABLE":
                select.sources.append(text(found, "table_name").casefold())
            if kind == "JOIN":
                waiting += [mapping(found, "left"), mapping(found, "right")]
            is_query_of_it = kind == "SUBQUERY" and not texts(found, "column_name_alias")
            for key, value in found.items():
                if kind == "JOIN" and key in ("left", "right"):
                    continue
                if is_query_of_it and key == "subquery" and isinstance(value, dict):
                    yield mapping(value, "node"), select
                else:
                    yield value, None

    def _note(self, node: Node) -> None:
        """What tells that columns are shown in some other way than by a plain star in SELECT."""
        if "class" in node:
            self._is_odd |= text(node, "class") in ("STAR", "POSITIONAL_REFERENCE")
            parts = texts(node, "column_names")
            if len(parts) == 1:  # a table's name alone is its row
                self._alone.add(parts[0].casefold())
        elif "query_location" in node and "type" in node:
            self._is_odd |= text(node, "type") not in _PLAIN_SOURCES or text(node, "ref_type") == "NATURAL"
            self._is_odd |= bool(texts(node, "column_name_alias")) and text(node, "type") == "BASE_TABLE"
            self._tables |= {text(node, "alias").casefold(), text(node, "table_name").casefold()} - {""}


def _is_distinct(node: Node) -> bool:
    return any(text(modifier, "type") == "DISTINCT_MODIFIER" for modifier in children(node, "modifiers"))
