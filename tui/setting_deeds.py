"""What is done with settings: one is changed or taken out, the file is edited; a conflict with others is decided."""

from functools import partial
from typing import TYPE_CHECKING

from fleet.edit_conflicts import EditConflict
from fleet.errors import PatchdeckError
from ops.settings.changing import Changed, ConfigText, set_setting, unset_setting
from ops.settings.known import ConfigNow, SettingNow
from ops.settings.values import shown_value
from tui.background import in_thread
from tui.conflicts import or_conflict
from tui.lending import in_editor
from tui.screens.confirm import Confirm
from tui.screens.setting_form import SettingForm

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


def ask_value(deck: "PatchdeckApp", config: ConfigNow, now: SettingNow) -> None:
    """Asks for the value of ``now``, and writes it."""
    _ask(deck, now, ConfigText(config.text))


def ask_to_unset(deck: "PatchdeckApp", config: ConfigNow, name: str) -> None:
    """Asks whether ``name`` is to go out of config.toml, with what it is and what holds then."""
    before = next((each for each in config.settings if each.name == name), None)
    if before is not None and before.line is None:
        deck.say(f"{name} does not stand in config.toml: its default holds.")
        return
    effect = "It is no setting; the file can be read without it, if nothing else is wrong."
    if before is not None:
        now = "what is there cannot be used" if before.problem else f"it is {_shown(before)}"
        effect = f"Now {now}; then its default holds. The audit keeps what it was."

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            _unset(deck, config, name)

    deck.push_screen(Confirm(f"Take {name} out of config.toml?", effect, yes="take it out"), answered)


def _unset(deck: "PatchdeckApp", config: ConfigNow, name: str) -> None:
    before = next((each for each in config.settings if each.name == name and each.line is not None), None)
    was = f" It was {_shown(before)}." if before is not None and not before.problem else ""

    def keep(seen: ConfigText) -> None:
        failed = or_conflict(deck, deck.complain, lambda _mine, theirs: keep(theirs))
        in_thread(
            deck,
            lambda: unset_setting(deck.home, name, seen),
            partial(_done, deck, name, was=was),
            failed,
            what="taking a setting out",
        )

    keep(ConfigText(config.text))


def edit_file(deck: "PatchdeckApp") -> None:
    """Opens config.toml in $EDITOR; what comes back is checked before it takes the place of the old one."""
    from ops.cli.settings_editor import edit_config

    changed = in_editor(deck, lambda: edit_config(deck.home, asks_again=False))
    if changed is not None:
        _done(deck, "", changed)


def _ask(deck: "PatchdeckApp", now: SettingNow, seen: ConfigText, text: str | None = None, reason: str = "") -> None:
    def take(typed: str | None) -> None:
        if typed is not None:
            _keep(deck, now, typed, seen)

    deck.push_screen(SettingForm(now, text, reason), take)


def _keep(deck: "PatchdeckApp", now: SettingNow, typed: str, seen: ConfigText) -> None:
    def refused(error: PatchdeckError) -> None:
        # Whoever has been shown what others changed decides over that by the next enter.
        shown = error.theirs if isinstance(error, EditConflict) and isinstance(error.theirs, ConfigText) else seen
        _ask(deck, now, shown, typed, str(error))

    in_thread(
        deck,
        lambda: set_setting(deck.home, now.name, [typed], seen),
        partial(_done, deck, now.name),
        or_conflict(deck, refused, lambda _mine, theirs: _keep(deck, now, typed, theirs)),
        what="writing a setting",
    )


def _shown(now: SettingNow) -> str:
    return shown_value(now.setting, now.value)


def _done(deck: "PatchdeckApp", name: str, changed: Changed, was: str = "") -> None:
    now = next((each for each in changed.config.settings if each.name == name), None)
    if not changed.is_changed:
        deck.say("Nothing was changed: it is so already.")
    elif now is None:
        deck.say("config.toml is written.")
    else:
        deck.say(f"{name} is {shown_value(now.setting, now.value)}; it takes effect {now.effect}.{was}")
    deck.config.look()
    deck.work.look()
