"""Values: what binds how tightly, and everything that may stand where a value is expected."""

import pytest

from query.kql import tree
from query.kql.parser import parse


def read(expression: str) -> tree.Expression:
    """The tree of an expression, as the condition of a query."""
    query = parse(f"T | where {expression}").result
    assert isinstance(query, tree.Query)
    (where,) = query.operators
    assert isinstance(where, tree.Where)
    return where.condition


def shown(value: object) -> str:
    """A tree with every operator in brackets."""
    match value:
        case tree.Literal(value=literal):
            return repr(literal)
        case tree.Name(text=text):
            return text
        case tree.Star():
            return "*"
        case tree.Unary(operator=operator, operand=operand):
            return f"({operator}{shown(operand)})"
        case tree.Binary(operator=operator, left=left, right=right):
            return f"({shown(left)} {operator} {shown(right)})"
    return shown_parts(value)


def shown_parts(value: object) -> str:
    """The same for values made of several parts."""
    match value:
        case tree.Path(base=base, name=name):
            return f"{shown(base)}.{name.text}"
        case tree.Element(base=base, index=index):
            return f"{shown(base)}[{shown(index)}]"
        case tree.Named(names=names, value=named):
            return f"{'+'.join(name.text for name in names)}={shown(named)}"
        case tree.Call(name=name, arguments=arguments):
            return f"{name.text}({', '.join(map(shown, arguments))})"
        case tree.Membership(operator=operator, left=left, items=items):
            return f"({shown(left)} {operator} [{', '.join(map(shown, items))}])"
        case tree.Between(is_negated=is_negated, left=left, low=low, high=high):
            return f"({shown(left)} {'!' if is_negated else ''}between {shown(low)}..{shown(high)})"
        case tree.Subquery(query=query):
            return f"<{shown(query.source)} {len(query.operators)}>"
    return type(value).__name__


@pytest.mark.parametrize(
    ("written", "tree_shown"),
    [
        ("a or b and c", "(a or (b and c))"),
        ("a and b or c", "((a and b) or c)"),
        ("(a or b) and c", "((a or b) and c)"),
        ("a or b or c", "((a or b) or c)"),
        ("a and b and c or d or e", "((((a and b) and c) or d) or e)"),
        ("a == b and c != d", "((a == b) and (c != d))"),
        ("a == b + 1 * 2", "(a == (b + (1 * 2)))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b * c % d", "(((a / b) * c) % d)"),
        ("a - (b - c)", "(a - (b - c))"),
        ("-a * b", "((-a) * b)"),
        ("a * -b", "(a * (-b))"),
        ("-a.b[0]", "(-a.b[0])"),
        ("+1 == - 1", "((+1) == (-1))"),
        ("a == b < c", "(a == (b < c))"),
        ("a + 1 in (1, 2)", "((a + 1) in [1, 2])"),
        ("a * b has 'x'", "(a * (b has 'x'))"),
        ("a =~ 'x' + 'y'", "((a =~ 'x') + 'y')"),
        ("a has -1", "(a has (-1))"),
        ("a <> b", "(a != b)"),
        ("a : 'x'", "(a has 'x')"),
        ("a notcontains 'x'", "(a !contains 'x')"),
        ("a containscs 'x' or a notcontainscs 'y'", "((a contains_cs 'x') or (a !contains_cs 'y'))"),
        ("a matches regex 'x+'", "(a matches regex 'x+')"),
        ("a !startswith_cs 'x'", "(a !startswith_cs 'x')"),
        ("a hasprefix 'x' and b !hassuffix_cs 'y'", "((a hasprefix 'x') and (b !hassuffix_cs 'y'))"),
        ("a between (1 .. 2)", "(a between 1..2)"),
        ("a between (1..2) and b", "((a between 1..2) and b)"),
        ("a !between (b + 1 .. ago(1d))", "(a !between (b + 1)..ago(864000000000))"),
        ("a + 1 between (1.5 .. 2.5)", "((a + 1) between 1.5..2.5)"),
        ("a in ('x')", "(a in ['x'])"),
        ("a !in~ ('x', 'y')", "(a !in~ ['x', 'y'])"),
        ("a in~ (b)", "(a in~ [b])"),
        ("a has_any ('x', 'y') or b has_all (c)", "((a has_any ['x', 'y']) or (b has_all [c]))"),
        ("a in ((T2 | distinct x))", "(a in [<T2 1>])"),
        ("a in (T2 | project x, y)", "(a in [<T2 1>])"),
        ("a in (T2)", "(a in [T2])"),
        ("a in (dynamic(['x', 2]))", "(a in [['x', 2]])"),
        ("a in (datatable (x: string) ['y'])", "(a in [<DataTable 0>])"),
        ("a == toscalar(T2 | count)", "(a == toscalar(<T2 1>))"),
        ("a == toscalar((T2 | count))", "(a == toscalar(<T2 1>))"),
        ("f(a, (T2 | take 1), b = 3)", "f(a, <T2 1>, b=3)"),
        ("f()", "f()"),
        ("arg_max(t, *)", "arg_max(t, *)"),
        ("count(*)", "count(*)"),
        ("* has 'x'", "(* has 'x')"),
        ("* == 'x'", "(* == 'x')"),
        ("a.b.c['d'][0].e", "a.b.c['d'][0].e"),
        ("a.['b c'].d", "a.b c.d"),
        ("a[-1]", "a[(-1)]"),
        ("a[b + 1]", "a[(b + 1)]"),
        ("f(x)[0].y", "f(x)[0].y"),
        ("(a).b", "a.b"),
        ("['a b'] == 1", "(a b == 1)"),
        ("tostring(split(a, ';', 0)[0])", "tostring(split(a, ';', 0)[0])"),
        ("true and False or TRUE", "((True and False) or True)"),
        ("'a' 'b' @'c'", "'abc'"),
        ("a == 'x' \"y\"", "(a == 'xy')"),
        ("case(a, 1, b, 2, 3)", "case(a, 1, b, 2, 3)"),
        ("not(a) and not (b)", "(not(a) and not(b))"),
        ("iff(a, -1, +1) > 0", "(iff(a, (-1), (+1)) > 0)"),
        ("dynamic({'a': [1, -2.5, true, null, 'x'], \"b\": {}})", "{'a': [1, -2.5, True, None, 'x'], 'b': {}}"),
        ("dynamic(null)", "None"),
        ("dynamic([])", "[]"),
        ("dynamic(['only'])", "['only']"),
        ("dynamic('text')", "'text'"),
        ("dynamic([[1], [dynamic(2)]])", "[[1], [2]]"),
        ("dynamic({'t': datetime(2026-01-01)}).t", "{'t': datetime.datetime(2026, 1, 1, 0, 0)}.t"),
    ],
)
def test_expression_has_its_tree(written: str, tree_shown: str) -> None:
    """Kusto's precedence, as Microsoft's parser has it; brackets leave no node."""
    assert shown(read(written)) == tree_shown


@pytest.mark.parametrize(
    "name",
    [
        "Type", "type", "kind", "count", "title", "time", "date", "datetime", "string", "int", "first", "last", "top",
        "take", "limit", "series", "step", "from", "to", "of", "on", "with", "order", "sort", "range", "view", "table",
        "set", "search", "find", "print", "render", "as", "parse", "join", "summarize", "extend", "declare",
        "database", "cluster", "pattern", "flags", "hint", "default", "nulls", "min", "max", "id", "in_use",
        "7zip", "_x", "matches", "missing", "latest",
    ],
)  # fmt: skip
def test_word_names_a_column_where_nothing_else_can_be_meant(name: str) -> None:
    """Words of KQL are names too: as a column, a member, and left of an equals sign."""
    assert shown(read(f"{name} == 1 and a.{name} > {name}")) == f"(({name} == 1) and (a.{name} > {name}))"
    query = parse(f"T | extend {name} = 1, b = {name} | project {name} | sort by {name} desc | distinct {name}").result
    assert isinstance(query, tree.Query)
    assert len(query.operators) == 4


@pytest.mark.parametrize("name", ["and", "or", "by", "in", "has", "contains", "between", "where", "asc", "desc"])
def test_reserved_word_needs_brackets_to_name_a_column(name: str) -> None:
    """What only an operator can mean is written ``['and']`` as a name."""
    assert shown(read(f"['{name}'] == 1")) == f"({name} == 1)"


def test_long_chain_of_alternatives_makes_a_flat_tree() -> None:
    """Ten thousand alternatives, as tools write them, stay a tree that can be walked."""

    def height(value: object) -> int:
        return 1 + max(height(value.left), height(value.right)) if isinstance(value, tree.Binary) else 0

    chain = read(" or ".join(f"a == {number}" for number in range(10_000)))
    assert height(chain) < 50
    assert shown(chain).count("==") == 10_000


def test_spans_cover_what_was_written() -> None:
    """Every part of a value can be pointed at."""
    query = "T | where Computer =~ 'web-01' and f(Size, 2)[0] in (1, 2)"
    condition = parse(query).result
    assert isinstance(condition, tree.Query)
    where = condition.operators[0]
    assert isinstance(where, tree.Where)
    both = where.condition
    assert isinstance(both, tree.Binary)
    assert isinstance(both.right, tree.Membership)
    parts = (where, both, both.left, both.right, both.right.left)
    assert [query[part.span.start : part.span.end] for part in parts] == [
        "where Computer =~ 'web-01' and f(Size, 2)[0] in (1, 2)",
        "Computer =~ 'web-01' and f(Size, 2)[0] in (1, 2)",
        "Computer =~ 'web-01'",
        "f(Size, 2)[0] in (1, 2)",
        "f(Size, 2)[0]",
    ]
