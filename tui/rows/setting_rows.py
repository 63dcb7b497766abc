"""Settings as rows: name, value, default, where the value comes from; and all of one in a few lines."""

from collections.abc import Sequence

from fleet.hostile import clean, clean_name
from ops.settings.known import ConfigNow, SettingNow, Stranger
from ops.settings.values import meaning_of, shown_value
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

SETTING_COLUMNS = (
    TableColumn("name", "Setting", most=40, least=34, priority=0),
    TableColumn("value", "Value", most=60, least=14, priority=0),
    TableColumn("default", "Default", most=40, least=12, priority=2),
    TableColumn("from", "From", most=9, least=7, priority=1),
    TableColumn("meaning", "Meaning", most=120, least=30, priority=4),
)


def setting_rows(config: ConfigNow) -> list[Row]:
    """A row for each setting as they are declared; keys of the file that are none stand before them."""
    return [*map(_stranger_row, config.strangers), *map(_row, config.settings)]


def describe_setting(now: SettingNow) -> Sequence[Sequence[Piece]]:
    """What it means, takes and is by default, when a change takes effect; what is wrong with it first."""
    about, setting = now.setting.about, now.setting
    unit = f", in {about.unit}" if about.unit else ""
    wrong = [(Piece(clean(now.problem), Tone.BAD),)] if now.problem else []
    return [
        *wrong,
        (Piece(f"{meaning_of(setting)}.", Tone.STRONG),),
        (
            *labelled("takes", f"{setting.expected}{unit}"),
            *labelled("· default", shown_value(setting, setting.default)),
            *labelled("· a change takes effect", now.effect),
        ),
    ]


def describe_stranger(stranger: Stranger) -> Sequence[Sequence[Piece]]:
    """Why it is refused, and how it goes."""
    return [(Piece(clean(stranger.problem), Tone.BAD),), (Piece("x takes it out of the file, e opens the file"),)]


def config_pieces(config: ConfigNow) -> list[Piece]:
    """How many settings config.toml has, or that it cannot be used."""
    if config.problem:
        return [Piece("config.toml cannot be used", Tone.BAD)]
    given = sum(each.line is not None for each in config.settings)
    return [Piece(f"{given:,} in config.toml" if config.text is not None else "no config.toml: all by default")]


def _row(now: SettingNow) -> Row:
    setting, is_given = now.setting, now.line is not None
    value = "cannot be used" if now.problem else clean(shown_value(setting, now.value))
    cells = (now.name, value, clean(shown_value(setting, setting.default)), _place(now.line), meaning_of(setting))
    tone = Tone.BAD if now.problem else Tone.ACCENT if is_given else Tone.NORMAL
    return Row(now.name, cells, (Tone.STRONG if is_given else Tone.NORMAL, tone, Tone.DIM, Tone.DIM, Tone.DIM))


def _stranger_row(stranger: Stranger) -> Row:
    name = clean_name(stranger.name)
    cells = (name, "no setting", "", _place(stranger.line), clean(stranger.problem))
    return Row(stranger.name, cells, (Tone.BAD, Tone.BAD, Tone.DIM, Tone.DIM, Tone.BAD))


def _place(line: int | None) -> str:
    return "default" if line is None else f"line {line}"
