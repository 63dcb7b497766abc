"""The text that users get: pretty, names quoted where the engine needs it, a comment on top."""

import re

from sqlglot import Dialect, exp

from fleet.hostile import clean
from query.dialects.engines import FACTS, Engine
from query.dialects.target import Target

# These engines fold names that are not quoted to one case.
_ALWAYS_QUOTED = (Engine.SNOWFLAKE, Engine.POSTGRES)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Reserved in some engine though its tokenizer takes them for names.
_RESERVED = frozenset(
    [
        "USER",
        "ROLE",
        "ORDER",
        "LIMIT",
        "TABLE",
        "COLUMN",
        "CHECK",
        "PLAN",
        "PUBLIC",
        "TRIGGER",
        "UPDATE",
        "RANK",
        "DAY",
        "TYPE",
        "TIME",
        "TIMESTAMP",
    ]
)


def print_query(tree: exp.Query, target: Target, table_prefix: str, title: str) -> str:
    """``tree`` as text of the target's engine; ``title`` goes into the comment."""
    tree = _shorten(tree)
    _quote(tree, target.engine)
    _prefix(tree, target, table_prefix)
    for node in tree.walk():
        node.pop_comments()
    facts = FACTS[target.engine]
    lines = [clean(title)] if title else []
    lines += [f"For {facts.title}, from Patchdeck's DuckDB SQL. {facts.reaching}", facts.proof]
    comment = "\n".join(f"-- {line}" for line in lines)
    return f"{comment}\n{tree.sql(target.engine.value, pretty=True, max_text_width=100)}\n"


def _shorten(tree: exp.Query) -> exp.Query:
    """Without what says nothing: tables and columns called by their own names.

    Spark 4's optimizer stops at such a column of a CTE that is used twice: PLAN_VALIDATION_FAILED_RULE_IN_BATCH, by its
    rule RemoveRedundantAliases.
    """
    for item in list(tree.find_all(exp.Alias)):
        if isinstance(item.this, exp.Column) and item.this.name == item.alias:
            item.replace(item.this)
    for table in tree.find_all(exp.Table):
        alias = table.args.get("alias")
        if (
            alias is not None
            and not alias.columns
            and alias.this is not None
            and alias.name == table.name
            and not table.meta.get("stored")
        ):
            table.set("alias", None)
    return tree


def _quote(tree: exp.Query, engine: Engine) -> None:
    keywords = {word.upper() for word in Dialect.get_or_raise(engine.value).tokenizer_class.KEYWORDS} | _RESERVED
    for identifier in tree.find_all(exp.Identifier):
        if identifier.meta.get("said"):
            continue
        is_plain = _PLAIN.fullmatch(identifier.name) and identifier.name.upper() not in keywords
        identifier.set("quoted", not is_plain or engine in _ALWAYS_QUOTED)


def _prefix(tree: exp.Query, target: Target, prefix: str) -> None:
    parts = [part for part in prefix.split(".") if part]
    if len(parts) > 2 + (target.engine is Engine.TSQL):
        target.refuse(tree, f"Table prefix {prefix!r}", "Write at most catalog.schema.")
    for table in tree.find_all(exp.Table):
        if table.meta.get("stored"):
            for name, part in zip(("db", "catalog"), reversed(parts), strict=False):
                table.set(name, exp.to_identifier(part, quoted=not _PLAIN.fullmatch(part)))
