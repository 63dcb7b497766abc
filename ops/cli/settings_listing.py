"""Settings as rows: value, default, where it comes from, what it takes and means, when a change takes effect."""

from collections.abc import Iterable

from ops.cli.listing import Column, Listing
from ops.settings.known import ConfigNow, SettingNow
from ops.settings.values import meaning_of, shown_value

_COLUMNS = (
    Column("setting", "Setting"),
    Column("value_text", "Value"),
    Column("default_text", "Default"),
    Column("origin", "From"),
    Column("meaning", "Meaning", is_extra=True),
    Column("value"),
    Column("default"),
    Column("line"),
    Column("unit"),
    Column("minimum"),
    Column("maximum"),
    Column("choices"),
    Column("takes"),
    Column("takes_effect"),
    Column("problem"),
)


def list_settings_now(settings: Iterable[SettingNow]) -> Listing:
    """A row for each of ``settings``."""
    return Listing(_COLUMNS, [_row(each) for each in settings])


def describe_setting(now: SettingNow, config: ConfigNow) -> list[str]:
    """All of one setting, a line each."""
    about = now.setting.about
    lines = [
        f"{now.name} = {shown_value(now.setting, now.value)}",
        f"  {meaning_of(now.setting)}",
        f"  takes {now.setting.expected}{f', in {about.unit}' if about.unit else ''}",
        f"  default: {shown_value(now.setting, now.setting.default)}",
        f"  from: {now.origin if now.line is None else f'{config.path}, line {now.line}'}",
        f"  a change takes effect {now.effect}",
    ]
    return [*lines, *([f"  wrong: {now.problem}"] if now.problem else [])]


def _row(now: SettingNow) -> tuple[object, ...]:
    setting, about = now.setting, now.setting.about
    return (
        now.name,
        "?" if now.problem else shown_value(setting, now.value),
        shown_value(setting, setting.default),
        now.origin,
        meaning_of(setting),
        None if now.problem else now.value,
        setting.default,
        now.line,
        about.unit,
        about.minimum,
        about.maximum,
        about.choices,
        setting.expected,
        now.effect,
        now.problem,
    )
