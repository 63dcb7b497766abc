"""One setting in a form: what it takes, and whether what stands there fits, while it is typed."""

from collections.abc import Sequence

from fleet.errors import PatchdeckError
from ops.settings.changing import WHAT
from ops.settings.known import SettingNow
from ops.settings.values import meaning_of, read_value, shown_value, value_text
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece


class SettingForm(Form[str]):
    """Gives the text of the value of ``now`` that was typed; ``text`` is what was typed before and refused."""

    TAKES = "writes it into config.toml"
    DEFAULT_CSS = "SettingForm .hint { max-height: 8; }"

    def __init__(self, now: SettingNow, text: str | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self._now = now
        self._begins_with = value_text(now.value) if text is None else text

    def title_text(self) -> str:
        """The setting."""
        return self._now.name

    def fields(self) -> Sequence[Field]:
        """Its value; one of few is completed."""
        about = self._now.setting.about
        choices = ("true", "false") if self._now.setting.kind is bool else about.choices
        hint = "nothing: Patchdeck chooses" if self._now.setting.default is None else ""
        return (Field("value", f"Value{f', {about.unit}' if about.unit else ''}", self._begins_with, hint, choices),)

    def hint(self) -> None:
        """What it means, and takes."""
        setting = self._now.setting
        self.tell(
            Piece(f"{meaning_of(setting)}."),
            Piece(f"Takes {setting.expected}.", Tone.DIM),
            Piece(f"Default: {shown_value(setting, setting.default)}.", Tone.DIM),
            Piece(f"Takes effect {self._now.effect}.", Tone.DIM),
        )

    def changed(self, name: str) -> None:
        """Says at once what does not fit."""
        del name
        try:
            self.made(self.texts())
        except PatchdeckError as error:
            self.refuse(error)
        else:
            self.hint()

    def made(self, texts: dict[str, str]) -> str:
        """The text that was typed.

        Raises:
            BadInput: it does not fit, in the words in which config.toml is refused.
        """
        read_value(self._now.setting, [texts["value"]], WHAT)
        return texts["value"]
