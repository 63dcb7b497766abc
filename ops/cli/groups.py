"""Typer applications as we want them: plain help, no traceback decoration, nothing imported for looks."""

import typer

HELP_OPTIONS = ("-h", "--help")


def new_group(help_text: str) -> typer.Typer:
    """An empty group of verbs."""
    return typer.Typer(
        help=help_text,
        # Rich would cost every start 60 ms, and interpret square brackets in the help.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": [*HELP_OPTIONS], "max_content_width": 100},
    )
