"""Adding a machine: what `patchdeck machines add` asks for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.errors import BadInput, UnknownName
from fleet.machines import Become, check_address, check_name, check_port, check_user, parse_tag
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from ops.enrolment import Definition


class AddMachine(Form["Definition"]):
    """Gives the definition of a machine that is reached over SSH; begins with one that was ``refused``, if any."""

    TITLE_TEXT = "Add a machine"
    TAKES = "adds and assesses it"

    def __init__(self, refused: "Definition | None" = None, reason: str = "") -> None:
        super().__init__()
        self._refused = refused
        self._reason = reason

    def fields(self) -> Sequence[Field]:
        """How it is called and reached."""
        typed = _texts_of(self._refused) if self._refused else {"become": Become.NONE.value}
        hints = (
            ("name", "Name", "web-01"),
            ("address", "Address", "192.0.2.7 or a host name; empty: the name"),
            ("user", "User", "empty: as ~/.ssh/config or you"),
            ("port", "Port", "22"),
            ("become", "Become root by", "none, sudo or doas"),
            ("tags", "Tags", "env=prod role=web"),
        )
        return tuple(Field(name, label, typed.get(name, ""), hint) for name, label, hint in hints)

    def hint(self) -> None:
        """Why the machine was refused, else what comes next."""
        if self._reason:
            self.tell(Piece(self._reason, Tone.BAD))
            return
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


def _texts_of(definition: "Definition") -> dict[str, str]:
    return {
        "name": definition.name,
        "address": definition.address or "",
        "user": definition.user or "",
        "port": str(definition.port or ""),
        "become": definition.become.value,
        "tags": " ".join(f"{key}={value}" for key, value in definition.tags.items()),
    }
