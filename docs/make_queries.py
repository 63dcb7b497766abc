"""Makes docs/queries.md from the predefined queries in query/library; run by docs/make_all.py."""

from itertools import groupby
from pathlib import Path

from query.header import QueryParameter
from query.language import QueryLanguage
from query.library import SavedQuery, find_queries

PAGE = Path(__file__).with_name("queries.md")

_INTRODUCTION = """\
<!-- Made by docs/make_queries.py from query/library: do not edit. -->

# Queries: predefined ones, and your own

    patchdeck queries list
    patchdeck query --name not-assessed --param hours=48
    patchdeck query --name missing-updates --format csv -o missing.csv

There are {count} predefined queries, [listed below](#the-predefined-queries). Each is one SELECT in DuckDB's SQL, or a
query in KQL, over the [record tables](tables.md), and a starting point: `patchdeck queries show` prints it, and
`patchdeck queries copy` makes one of your own of it. `now()` and its like are UTC, and are the moment of `--now` where
that is given.

## Your own

    patchdeck queries save old-kernels "SELECT Computer, Kernel FROM Machine WHERE Kernel < '6'" --title "Old kernels"
    patchdeck queries save errors -f errors.kql --replace
    patchdeck queries copy not-assessed not-assessed-edge
    patchdeck queries edit not-assessed-edge
    patchdeck queries rename old-kernels kernels-of-5
    patchdeck queries remove kernels-of-5
    patchdeck query --name errors --param days=7

`save` takes the text as an argument, from standard input (`-`) or from a file (`-f`). `--kql`, or a file that ends in
`.kql`, says that it is KQL. A query is tried over empty tables before it is kept, so that a wrong name is told at once
and at its place; `--force` keeps it all the same. Nothing is overwritten without `--replace`. `edit` opens it in
`$VISUAL` or `$EDITOR`, and what cannot be kept stays in a file. Each change is in `patchdeck audit`, with the text.

Names are those of files: letters, digits, `-` and `_`, whatever their case. A query of yours that has the name of a
predefined one stands before it; once it is removed, the predefined one is there again.

### Kept in git
Your queries are the files `queries/NAME.sql` and `queries/NAME.kql` in the home, in folders of any depth, and nothing
else is needed: write them with any editor, and keep the folder in git.

    cd ~/.local/share/patchdeck/queries && git init && git add . && git commit -m "Keep our queries"

A link to a folder that is a repository somewhere else does as well. Hidden files and folders are not looked at. A file
that cannot be understood is listed with what is wrong in it, and keeps no other from being used; a name that two files
have is asked of neither.

## The header
A query begins with a comment, `--` in SQL and `//` in KQL, that says what it is:

    -- title: Security updates that have been missing for long
    -- group: Missing updates
    -- help: One row for each machine and update, the oldest first.
    -- param: days int = 30: at least so many days
    -- param: class string one of (Security Updates, Critical Updates) = Security Updates: the class
    -- column: MissingDays [days]: since the machine was first seen to need it
    -- chart: bar x=Computer y=MissingDays
    SELECT Computer, Product, date_sub('day', FirstSeen, now()) AS MissingDays
    FROM Update
    WHERE UpdateState = 'Needed'
        AND Classification = $class
        AND FirstSeen <= now() - to_days($days)
    ORDER BY MissingDays DESC, Computer, Product

| line | what it says |
| --- | --- |
| `title: TEXT` | what it answers, in one line; the only line that must be there |
| `group: TEXT` | where it is listed; `Saved` without |
| `help: TEXT` | what one should know before asking; may stand several times |
| `param: NAME TYPE [one of (A, B)] [= DEFAULT]: MEANING` | a parameter; without a default it must be given |
| `column: NAME [[UNIT]]: MEANING` | what a column of the answer means |
| `chart: KIND x=COLUMN y=COLUMN[,COLUMN]` | how the answer is best seen: {kinds} |

Other comments are yours. The header ends where the query begins.

### Parameters
In SQL a parameter is `$name`, in KQL its plain name. Its type is {types}. Texts may be in single quotes, and must be
where a choice holds a comma or a bracket. Times are ISO 8601, in UTC where they name no zone. With `one of`, only the
values that are listed are taken. The app asks for them in a form; on the command line they are `--param NAME=VALUE`.

### Charts
`bar` draws a bar for each row, `line` a line over time or another order, `sparkline` the same in one row of characters.
`x` is the column along the chart, `y` what is drawn. A name that holds a blank is in double quotes. In KQL, `render`
at the end of the query does the same.

## The predefined queries

{contents}

{groups}"""


def make() -> str:
    """The text of the page."""
    queries = find_queries()
    groups = [(name, list(members)) for name, members in groupby(queries, key=lambda query: query.group)]
    return _INTRODUCTION.format(
        count=len(queries),
        kinds="bar, line or sparkline",
        types="string, int, real, bool, datetime or date",
        contents="\n".join(f"- [{name}](#{_anchor(name)}): {_titles(members)}" for name, members in groups),
        groups="\n".join(f"### {name}\n\n{''.join(map(_entry, members))}" for name, members in groups),
    )


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _titles(queries: list[SavedQuery]) -> str:
    return ", ".join(f"`{query.name}`" for query in queries)


def _entry(query: SavedQuery) -> str:
    language = " In KQL." if query.language is QueryLanguage.KQL else ""
    lines = [f"#### {query.title}", "", f"`{query.name}`. {query.help}{language}", ""]
    lines += [
        f"- `{p.name}` ({p.type.value}{_choices(p)}, {_default(p.default)}): {p.meaning}" for p in query.parameters
    ]
    lines += [f"- `{c.name}`{f' in {c.unit}' if c.unit else ''}: {c.meaning}" for c in query.columns]
    if chart := query.chart:
        lines.append(f"- Seen best as a {chart.kind.value} of {', '.join(chart.y)} by {chart.x}")
    return "\n".join((*lines, "", ""))


def _choices(parameter: QueryParameter) -> str:
    return f", one of {', '.join(f'`{choice}`' for choice in parameter.choices)}" if parameter.choices else ""


def _default(value: object) -> str:
    if value is None:
        return "must be given"
    return f"default `{value}`" if value != "" else "default empty"
