"""Which of a profile's secrets is meant."""

from collections.abc import Sequence

from fleet.errors import UnknownName
from fleet.profiles import Profile, SecretKind
from tui.rows.profile_rows import origin_text
from tui.screens.form import Field, Form
from tui.widgets.line import Piece


class SecretKindForm(Form[SecretKind]):
    """Gives the kind of secret; one of ``kinds``."""

    TAKES = "goes on"

    def __init__(self, profile: Profile, kinds: Sequence[SecretKind]) -> None:
        super().__init__()
        self._profile = profile
        self._kinds = tuple(kinds)

    def title_text(self) -> str:
        """Whose."""
        return f"Which secret of {self._profile.name}?"

    def fields(self) -> Sequence[Field]:
        """The kind."""
        names = tuple(kind.value for kind in self._kinds)
        return (Field("kind", "Secret", names[0], " or ".join(names), choices=names),)

    def hint(self) -> None:
        """Where each is found."""
        found = [f"{kind.value}: {origin_text(self._profile.origin(kind))}" for kind in self._kinds]
        self.tell(Piece("; ".join(found)))

    def made(self, texts: dict[str, str]) -> SecretKind:
        """The kind.

        Raises:
            UnknownName: the profile has no such secret.
        """
        known = {kind.value: kind for kind in self._kinds}
        if texts["kind"] not in known:
            raise UnknownName("secret of this profile", texts["kind"], known)
        return known[texts["kind"]]
