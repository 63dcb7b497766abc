"""The options that say how a machine is reached; `add` and `edit` have them in common."""

from typing import Annotated

import typer

from fleet.machines import Become, OSType, TransportKind

Name = Annotated[str, typer.Argument(metavar="NAME", help="The machine's name.", show_default=False)]
Address = Annotated[
    str | None,
    typer.Option("--address", help="IP address or host name. Default: the machine's name.", show_default=False),
]
Port = Annotated[int | None, typer.Option("--port", help="SSH port. Default: 22, or what ~/.ssh/config says.")]
User = Annotated[
    str | None, typer.Option("--user", help="User to log in as. Default: as ~/.ssh/config says, else you.")
]
KeyFile = Annotated[
    str | None, typer.Option("--key-file", help="Private key to log in with, before those of the agent.")
]
ProxyJump = Annotated[
    str | None, typer.Option("--proxy-jump", help="Jump hosts on the way: user@host:port, separated by commas.")
]
Transport = Annotated[
    TransportKind | None,
    typer.Option("--transport", help="local: this machine; scripted: replay a transcript. Default: ssh."),
]
Transcript = Annotated[str | None, typer.Option("--transcript", help="File to replay, for the transport scripted.")]
Becoming = Annotated[
    Become | None, typer.Option("--become", help="How root is gained where a command needs it. Default: none.")
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", metavar="KEY=VALUE", help="A tag; may be given several times.")
]
System = Annotated[OSType | None, typer.Option("--os", help="The system's family, before the machine has said it.")]
Profile = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="Credential profile for what is not said here: profiles list."),
]
