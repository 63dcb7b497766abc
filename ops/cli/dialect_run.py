"""`patchdeck query --dialect`: a question, or the views that it needs, printed for another engine."""

from fleet.errors import BadInput
from ops.cli.query_output import show
from ops.cli.query_run import Question, find_asked
from ops.home import Home
from ops.questions import find_query
from query.dialects.engines import Engine


def show_asked(
    home: Home, question: Question, engine: Engine | None, table_prefix: str, *, are_views_wanted: bool
) -> None:
    """Prints the question, or the views that questions need, as ``engine`` takes them; nothing is run.

    Raises:
        BadInput: options do not fit together, there is not exactly one question, or it cannot be said exactly in that
            engine; with the place.
    """
    if engine is None:
        raise BadInput("--table-prefix and --views need --dialect.")
    if are_views_wanted and any((question.sql, question.kql, question.name)):
        raise BadInput("--views prints the views of all tables: leave the query out.")
    if are_views_wanted:
        _show_views(home, question, engine, table_prefix)
    elif question.is_shown_only:
        _show_query(home, question, engine, table_prefix)
    else:
        raise BadInput("--dialect prints a query for another engine: add --show. Here queries run as they are.")


def _show_query(home: Home, question: Question, engine: Engine, table_prefix: str) -> None:
    from ops.dialects import say_query
    from query.statement import read_statement

    asked = find_asked(home, question)
    statement = read_statement(asked.text, asked.language, asked.parameters)
    title = find_query(home, question.name).title if question.name is not None else ""
    text = say_query(
        statement.sql,
        engine,
        asked.parameters,
        title=title,
        now=question.now or question.as_of,
        table_prefix=table_prefix,
    )
    show(text, question.output)


def _show_views(home: Home, question: Question, engine: Engine, table_prefix: str) -> None:
    from ops.dialects import say_views

    show(say_views(home, engine, table_prefix), question.output)
