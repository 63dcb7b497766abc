"""Adding a machine: what `patchdeck machines add` asks for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.errors import BadInput, UnknownName
from fleet.machines import Become, check_address, check_name, check_port, check_user, parse_tag
from tui.screens.form import Field, Form
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from ops.enrolment import Definition


class AddMachine(Form["Definition"]):
    """Gives the definition of a machine that is reached over SSH."""

    TITLE_TEXT = "Add a machine"
    TAKES = "adds and assesses it"

    def fields(self) -> Sequence[Field]:
        """How it is called and reached."""
        return (
            Field("name", "Name", hint="web-01"),
            Field("address", "Address", hint="192.0.2.7 or a host name; empty: the name"),
            Field("user", "User", hint="empty: as ~/.ssh/config or you"),
            Field("port", "Port", hint="22"),
            Field("become", "Become root by", "none", hint="none or sudo"),
            Field("tags", "Tags", hint="env=prod role=web"),
        )

    def hint(self) -> None:
        """What comes next."""
        self.tell(Piece("Keys and agent as with ssh. Its host key is shown to you before it is trusted."))

    def made(self, texts: dict[str, str]) -> "Definition":
        """The definition.

        Raises:
            BadInput: a field cannot be used; says which and why.
        """
        from ops.enrolment import Definition

        if texts["become"].lower() not in {each.value for each in Become}:
            raise UnknownName("way to become root", texts["become"], [each.value for each in Become])
        if texts["port"] and not texts["port"].isdecimal():
            raise BadInput(f"Port {texts['port']!r} is not a number.")
        return Definition(
            name=check_name(texts["name"]),
            address=check_address(texts["address"]) if texts["address"] else None,
            user=check_user(texts["user"]) if texts["user"] else None,
            port=check_port(int(texts["port"])) if texts["port"] else None,
            become=Become(texts["become"].lower()),
            tags=dict(parse_tag(text) for text in texts["tags"].split()),
        )
