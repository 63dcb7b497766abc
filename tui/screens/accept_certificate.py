"""Accepting the certificate of a machine that is reached by WinRM: an act of a person who compared its fingerprint."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from ops.certificates import FetchedCertificate


class AcceptCertificate(Form[bool]):
    """Gives True once ``yes`` was typed; a certificate that changed could be somebody in between."""

    TITLE_TEXT = "Certificate"
    TAKES = "takes what is typed"
    DEFAULT_CSS = "AcceptCertificate .hint { max-height: 14; }"

    def __init__(self, fetched: "FetchedCertificate") -> None:
        super().__init__()
        self._fetched = fetched

    def fields(self) -> Sequence[Field]:
        """The answer."""
        return (Field("answer", "Trust this one?", hint="type yes to trust it; esc leaves it"),)

    def hint(self) -> None:
        """The certificate, the one that is trusted, and what to compare it with."""
        shown, known = self._fetched.certificate, self._fetched.known
        if shown is None:
            return
        lines = [
            (Piece(f"{self._fetched.machine.name} at {shown.place} shows the certificate"),),
            (Piece(shown.fingerprint, Tone.STRONG),),
            (Piece(f"SHA-1 {shown.thumbprint}"),),
            (Piece(f"of {shown.subject}, by {'itself' if shown.issuer == shown.subject else shown.issuer}"),),
            (Piece(f"valid {shown.valid_from:%Y-%m-%d} to {shown.valid_until:%Y-%m-%d}"),),
        ]
        if known:
            changed = "This is NOT the one trusted before: it was renewed, or somebody is in between. Trusted is"
            lines += [(Piece(changed, Tone.BAD),), (Piece(known, Tone.BAD),)]
        elif shown.problem:
            lines.append((Piece(f"authorities do not vouch for it: {shown.problem}", Tone.PENDING),))
        lines.append((Piece("Compare it on the machine: Get-ChildItem WSMan:\\localhost\\Listener", Tone.DIM),))
        self.query_one(".hint", Detail).show(lines)

    def made(self, texts: dict[str, str]) -> bool:
        """True where ``yes`` was typed.

        Raises:
            BadInput: anything else was.
        """
        if texts["answer"].lower() != "yes":
            raise BadInput("Type yes to trust this certificate, or press esc to leave it.")
        return True
