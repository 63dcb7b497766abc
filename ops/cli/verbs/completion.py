"""`patchdeck completion` and `patchdeck complete`: what shells complete."""

from typing import Annotated

import typer

from ops.cli.terminal import show_text
from ops.completion.answering import Shell
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("completion")(completion)


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.", show_default=False)],
) -> ExitCode:
    """Print what a shell needs to complete verbs, options and names of machines, groups and all the rest.

    For bash, a line in ~/.bashrc: eval "$(patchdeck completion bash)"; for zsh, in ~/.zshrc behind compinit:
    source <(patchdeck completion zsh); for fish: patchdeck completion fish > ~/.config/fish/completions/patchdeck.fish
    """
    from ops.completion.answering import script_of

    show_text(script_of(shell))
    return ExitCode.OK
