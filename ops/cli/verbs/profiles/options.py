"""The options that the verbs of profiles have in common."""

from typing import TYPE_CHECKING, Annotated

import typer

from fleet.machines import Become
from fleet.profiles import AgentUse, SecretKind
from fleet.winrm import WinrmKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fleet.profiles import Profile
    from ops.home import Home

Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile.", show_default=False)]
Kind = Annotated[
    SecretKind,
    typer.Argument(
        metavar="KIND",
        help="password: to log in; become: for sudo; passphrase: of the key file.",
        show_default=False,
    ),
]
User = Annotated[str | None, typer.Option("--user", help="User to log in as.")]
KeyFile = Annotated[
    str | None,
    typer.Option("--key-file", metavar="FILE", help="Private key; or a public one, whose private one is in the agent."),
]
CertificateFile = Annotated[
    str | None,
    typer.Option("--certificate-file", metavar="FILE", help="User certificate for the key. Default: KEY-cert.pub."),
]
Agent = Annotated[
    AgentUse | None,
    typer.Option("--agent", help="Keys of the SSH agent: beside the key file, nothing but them, or not at all."),
]
Becoming = Annotated[Become | None, typer.Option("--become", help="How root is gained where a command needs it.")]
Winrm = Annotated[WinrmKind | None, typer.Option("--winrm", help="How WinRM is logged in to.")]
Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")]


def whole_path(path: str | None) -> str | None:
    """A path as it is kept: whole, so that the service finds it from wherever it runs."""
    from pathlib import Path

    return None if path is None else str(Path(path).expanduser().absolute())


def tell(home: "Home", profiles: "Sequence[Profile]", *, json: bool) -> None:
    """Prints ``profiles`` as rows."""
    from ops.cli.listing import show_listing
    from ops.cli.profile_listing import list_profiles

    show_listing(list_profiles(home, profiles), as_json_text=json)
