"""Operators: what each keeps of what is written behind its word."""

import pytest

from query.kql import tree
from query.kql.parser import parse
from query.kql.syntax.unsupported import UNSUPPORTED_STEPS
from query.kql.types import KqlType


def steps(text: str) -> tuple[tree.Operator, ...]:
    """The operators of a query over T."""
    query = parse(f"T | {text}").result
    assert isinstance(query, tree.Query)
    return query.operators


def step(text: str) -> tree.Operator:
    """The only operator of a query over T."""
    (found,) = steps(text)
    return found


def names(columns: tuple[object, ...]) -> list[str]:
    """Names and patterns of columns; ``a=`` for one that is computed."""
    return [
        column.text if isinstance(column, tree.Name)
        else column.pattern if isinstance(column, tree.Wildcard)
        else "+".join(name.text for name in column.names) + "=" if isinstance(column, tree.Named)
        else type(column).__name__
        for column in columns
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["where", "filter"])
def test_where_has_a_condition(word: str) -> None:
    """``filter`` is another word for ``where``."""
    found = step(f"{word} a == 1")
    assert isinstance(found, tree.Where)
    assert isinstance(found.condition, tree.Binary)


def test_project_keeps_names_and_values() -> None:
    """Columns may be named, computed, quoted, or several of one value."""
    found = step("project a, b = c + 1, ['d e'] = f, (g, h) = i(j), k.l")
    assert isinstance(found, tree.Project)
    assert names(found.columns) == ["a", "b=", "d e=", "g+h=", "Path"]


def test_project_may_be_empty() -> None:
    """Kusto takes ``project`` without columns."""
    assert steps("project | count")[0] == tree.Project(tree.Span(4, 11), ())


@pytest.mark.parametrize(("word", "is_kept"), [("project-away", False), ("project-keep", True)])
def test_patterns_choose_columns(word: str, *, is_kept: bool) -> None:
    """Names with stars anywhere choose what goes or stays."""
    found = step(f"{word} a, b*, *c, d*e*, ['f*'], *")
    assert isinstance(found, tree.ProjectAway)
    assert (names(found.columns), found.is_kept) == (["a", "b*", "*c", "d*e*", "f*", "*"], is_kept)


def test_project_rename_and_reorder() -> None:
    """Renaming takes pairs, reordering takes patterns with an order."""
    renamed = step("project-rename a = b, ['c d'] = e")
    assert isinstance(renamed, tree.ProjectRename)
    assert names(renamed.columns) == ["a=", "c d="]
    ordered = step("project-reorder a, b* desc, * granny-asc")
    assert isinstance(ordered, tree.ProjectReorder)
    assert [(names((item.column,))[0], item.order) for item in ordered.columns] == [
        ("a", ""), ("b*", "desc"), ("*", "granny-asc"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "aggregates", "keys", "has_by", "options"),
    [
        ("summarize count()", ["Call"], [], False, ()),
        ("summarize by a, b", [], ["a", "b"], True, ()),
        ("summarize n = count(), max(x) by a, h = bin(t, 1h)", ["n=", "Call"], ["a", "h="], True, ()),
        ("summarize (a, b) = arg_max(t, c) by d", ["a+b="], ["d"], True, ()),
        ("summarize arg_max(t, *) by a", ["Call"], ["a"], True, ()),
        (
            "summarize hint.strategy = shuffle hint.num_partitions=4 count() by a",
            ["Call"], ["a"], True, (("hint.strategy", "shuffle"), ("hint.num_partitions", "4")),
        ),
        ("summarize hint = count() by kind", ["hint="], ["kind"], True, ()),
    ],
)  # fmt: skip
def test_summarize_has_aggregates_and_keys(
    text: str, aggregates: list[str], keys: list[str], options: tree.Options, *, has_by: bool
) -> None:
    """Either may be missing, not both; hints stand before them."""
    found = step(text)
    assert isinstance(found, tree.Summarize)
    assert (names(found.aggregates), names(found.keys)) == (aggregates, keys)
    assert (found.has_by, found.options) == (has_by, options)


@pytest.mark.parametrize("text", ["distinct *", "distinct hint.strategy=shuffle *"])
def test_distinct_takes_a_star(text: str) -> None:
    """``distinct *`` is over all columns."""
    found = step(text)
    assert isinstance(found, tree.Distinct)
    assert names(found.columns) == ["Star"]


@pytest.mark.parametrize("text", ["sort by {}", "order by {}", "top 5 by {}"])
def test_sort_keys_keep_what_is_written(text: str) -> None:
    """Order and place of nulls stay unknown where they are not written."""
    found = step(text.format("a, b asc, c desc nulls first, d nulls last, strlen(e) desc"))
    assert isinstance(found, tree.Sort | tree.Top)
    assert [(key.is_ascending, key.nulls_first) for key in found.keys] == [
        (None, None), (True, None), (False, True), (None, False), (False, None),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "is_sample"), [("take 5", False), ("limit n + 1", False), ("sample 5", True)])
def test_take_has_a_count(text: str, *, is_sample: bool) -> None:
    """``limit`` is another word for ``take``; ``sample`` takes any rows."""
    found = step(text)
    assert isinstance(found, tree.Take)
    assert found.is_sample == is_sample


def test_count_may_name_its_column() -> None:
    """``count as n`` names the column."""
    found = step("count as n")
    assert isinstance(found, tree.Count)
    assert found.column is not None
    assert found.column.text == "n"


@pytest.mark.parametrize(
    ("text", "kind", "conditions", "options"),
    [
        ("join T2 on a", "", 1, ()),
        ("join kind=inner (T2 | where b) on a, c", "inner", 2, ()),
        ("join kind = leftanti hint.strategy=broadcast T2 on a", "leftanti", 1, (("hint.strategy", "broadcast"),)),
        ("join hint.remote=left kind=fullouter (T2) on $left.a == $right.b, c", "fullouter", 2,
         (("hint.remote", "left"),)),
        ("join (T2) on $left.a == $right.b and $left.c == $right.d and e", "", 3, ()),
        ("join (union A, B | where c) on ['a b']", "", 1, ()),
        ("join f(1) on a", "", 1, ()),
        ("join (print a = 1) on a", "", 1, ()),
    ],
)  # fmt: skip
def test_join_has_conditions_one_by_one(text: str, kind: str, conditions: int, options: tree.Options) -> None:
    """Conditions joined by ``and`` are as many as those with commas; hints and the kind come in any order."""
    found = step(text)
    assert isinstance(found, tree.Join)
    assert (found.kind, len(found.conditions), found.options, found.is_lookup) == (kind, conditions, options, False)


def test_lookup_is_a_join() -> None:
    """``lookup`` has the shape of ``join``."""
    found = step("lookup kind=inner (T2) on a")
    assert isinstance(found, tree.Join)
    assert (found.is_lookup, found.kind) == (True, "inner")


@pytest.mark.parametrize("text", ["T | union {}", "union {}", "(union {})", "T | join (union {}) on a"])
def test_union_has_tables_and_patterns(text: str) -> None:
    """As a source or as an operator, with or without space before its bracket."""
    tables = "kind=inner withsource=From isfuzzy=true T2, (T3 | take 1), T4*, *_CL, f(), ['T 5']"
    root = parse(text.format(tables)).result
    union = find_union(root)
    assert [type(table).__name__ for table in union.tables] == [
        "Query",
        "Query",
        "Wildcard",
        "Wildcard",
        "Query",
        "Query",
    ]
    assert (union.kind, union.source_column, union.options) == ("inner", "From", (("isfuzzy", "true"),))


def find_union(root: object) -> tree.Union:
    """The union that a query begins with, ends with or joins."""
    if isinstance(root, tree.Union):
        return root
    assert isinstance(root, tree.Query)
    last = root.operators[-1] if root.operators else root.source
    return find_union(last.right if isinstance(last, tree.Join) else last)


def test_union_needs_no_space_before_its_bracket() -> None:
    """``union(T2)`` is no call."""
    assert isinstance(step("union(T2)"), tree.Union)


@pytest.mark.parametrize("word", ["mv-expand", "mvexpand"])
def test_mv_expand_has_typed_columns(word: str) -> None:
    """Each column may be named, computed and typed."""
    found = step(f"{word} bagexpansion=array with_itemindex=i a, b = split(c, ',') to typeof(long) limit 7")
    assert isinstance(found, tree.MvExpand)
    assert [(column.name.text if column.name else None, column.type) for column in found.columns] == [
        (None, None), ("b", KqlType.LONG),
    ]  # fmt: skip
    assert (found.bag_expansion, found.index_column) == ("array", "i")
    assert found.limit == tree.Literal(found.limit.span, 7, KqlType.LONG) if found.limit else False


def test_mv_apply_applies_steps() -> None:
    """What is applied begins with an operator, for its table is the elements of each row."""
    found = step("mv-apply with_itemindex=i a to typeof(long), b limit 5 on (where a > 1 | summarize max(a))")
    assert isinstance(found, tree.MvApply)
    assert [type(applied).__name__ for applied in found.operators] == ["Where", "Summarize"]
    assert (len(found.columns), found.index_column) == (2, "i")


@pytest.mark.parametrize(("word", "drops_others"), [("parse", False), ("parse-where", True)])
def test_parse_keeps_its_pattern(word: str, *, drops_others: bool) -> None:
    """Texts, typed columns and stars, in order."""
    found = step(f"{word} kind=regex flags=Ui strcat(a, b) with * \"x\" 'y' c:long @'\\d' ['d e'] *")
    assert isinstance(found, tree.Parse)
    assert [
        piece.text if isinstance(piece, tree.ParseText) else (piece.name.text if piece.name else "*", piece.type)
        for piece in found.pattern
    ] == [
        ("*", KqlType.STRING), "x", "y", ("c", KqlType.LONG), r"\d", ("d e", KqlType.STRING), ("*", KqlType.STRING),
    ]  # fmt: skip
    assert (found.kind, found.flags, found.drops_others) == ("regex", "Ui", drops_others)


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("render timechart", ()),
        ("render timechart with (title='a b', ycolumns=c, d, kind=stacked)",
         (("title", "a b"), ("ycolumns", "c, d"), ("kind", "stacked"))),
        ("render timechart kind=stacked title='a'", (("kind", "stacked"), ("title", "a"))),
        ("render timechart by a, b", (("series", "a, b"),)),
        ("render timechart with (ymin=-5)", (("ymin", "-5"),)),
    ],
)  # fmt: skip
def test_render_keeps_its_properties(text: str, properties: tree.Options) -> None:
    """Both ways to write properties."""
    found = step(text)
    assert isinstance(found, tree.Render)
    assert (found.chart, found.properties) == ("timechart", properties)


def test_make_series_has_axis_and_defaults() -> None:
    """Defaults stand beside their aggregates; ends of the axis may be missing."""
    found = step("make-series n = count() default=0, avg(x) on t from ago(1d) to now() step 1h by a, b")
    assert isinstance(found, tree.MakeSeries)
    assert (names(found.aggregates), [default is None for default in found.defaults]) == (["n=", "Call"], [False, True])
    assert (found.first is None, found.last is None, names(found.keys)) == (False, False, ["a", "b"])
    bare = step("make-series count() on t step 1h")
    assert isinstance(bare, tree.MakeSeries)
    assert (bare.first, bare.last, bare.keys) == (None, None, ())
    old = step("make-series avg(x) default=real(null) on t in range(ago(1d), now(), 1h) by a")
    assert isinstance(old, tree.MakeSeries)
    assert isinstance(old.axis, tree.Name)
    assert isinstance(old.last, tree.Call)


def test_search_has_tables_and_condition() -> None:
    """As a source or as an operator; bare texts are conditions."""
    source = parse("search kind=case_sensitive in (T1, T2*) 'x' and a : 'y'").result
    assert isinstance(source, tree.Query)
    assert isinstance(source.source, tree.Search)
    assert names(source.source.tables) == ["T1", "T2*"]
    assert isinstance(step("search 'x' or 'y'"), tree.Search)
    assert isinstance(step("search *"), tree.Search)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("as X", tree.As), ("as hint.materialized=true X", tree.As), ("serialize", tree.Serialize),
        ("serialize n = row_number()", tree.Serialize), ("getschema", tree.GetSchema),
        ("getschema kind=csl", tree.GetSchema), ("invoke f(1)", tree.Invoke), ("evaluate bag_unpack(d)", tree.Evaluate),
        ("evaluate hint.distribution=single pivot(a, count(), b) : (*, c: string)", tree.Evaluate),
        ("extend a = b, c", tree.Extend),
    ],
)  # fmt: skip
def test_other_steps_have_their_nodes(text: str, kind: type[object]) -> None:
    """Each operator has a node of its own."""
    assert isinstance(step(text), kind)


@pytest.mark.parametrize("word", sorted(UNSUPPORTED_STEPS))
def test_step_that_is_not_translated_is_known_by_name(word: str) -> None:
    """What belongs to it is skipped, brackets and all, so that the rest of the query is read."""
    found = steps(f"{word} 3 of a by (take 1 | count) {{ x }} with [b = ';'] | count")
    assert isinstance(found[0], tree.Unsupported)
    assert (found[0].name, type(found[1])) == (word, tree.Count)
