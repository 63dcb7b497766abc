"""The options that say how a machine is reached; `add` and `edit` have them in common."""

from typing import Annotated

import typer

from fleet.machines import Become, OSType, TransportKind
from fleet.winrm import WinrmKind

Name = Annotated[str, typer.Argument(metavar="NAME", help="The machine's name.", show_default=False)]
Address = Annotated[
    str | None,
    typer.Option("--address", help="IP address or host name. Default: the machine's name.", show_default=False),
]
Port = Annotated[
    int | None,
    typer.Option("--port", help="Port. Default: SSH's 22, or what ~/.ssh/config says; WinRM's 5986 or 5985."),
]
User = Annotated[
    str | None,
    typer.Option(
        "--user",
        help=r"User to log in as; of Windows also 'DOMAIN\user' or user@REALM. Default: for SSH as ~/.ssh/config says, "
        "else you.",
    ),
]
KeyFile = Annotated[
    str | None, typer.Option("--key-file", help="Private key to log in with, before those of the agent.")
]
ProxyJump = Annotated[
    str | None, typer.Option("--proxy-jump", help="Jump hosts on the way: user@host:port, separated by commas.")
]
Transport = Annotated[
    TransportKind | None,
    typer.Option(
        "--transport", help="winrm: Windows; local: this machine; scripted: replay a transcript. Default: ssh."
    ),
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
Winrm = Annotated[
    WinrmKind | None,
    typer.Option("--winrm", help="How WinRM is logged in to. Default: as the profile says, else ntlm."),
]
Http = Annotated[
    bool | None,
    typer.Option(
        "--http/--https", help="WinRM over HTTP, port 5985, or HTTPS, port 5986. Default: HTTPS.", show_default=False
    ),
]
CaFile = Annotated[
    str | None,
    typer.Option("--ca-file", metavar="FILE", help="Authorities of WinRM's certificate. Default: the system's."),
]
Proxy = Annotated[
    str | None,
    typer.Option("--proxy", metavar="http://HOST:PORT", help="HTTP proxy on the way, for WinRM. Default: none."),
]
ClearText = Annotated[
    bool | None,
    typer.Option(
        "--allow-clear-text/--no-clear-text",
        help="Allow --winrm basic over --http: everybody on the way reads the password.",
        show_default=False,
    ),
]
