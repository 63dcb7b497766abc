"""Makes docs/settings.md from the settings as they are declared in ops/config.py; run by docs/make_all.py."""

import json
from itertools import groupby
from pathlib import Path

from ops.config import list_settings
from ops.setting import Setting
from ops.settings.values import shown_value

PAGE = Path(__file__).with_name("settings.md")

_INTRODUCTION = """\
<!-- Made by docs/make_settings.py from ops/config.py: do not edit. -->

# Settings

Settings are kept in `config.toml` in the home. There is none at first: every setting has a default. Write it yourself,
or:

    patchdeck settings list                          all of them: value, default, and the line where it stands
    patchdeck settings set assess.concurrency 50     in its place; comments, order and mode of the file stay
    patchdeck settings unset assess.concurrency      its default holds again
    patchdeck settings edit                          the whole file in $EDITOR, checked before it is kept

In the app they are behind the comma key and `:settings`. Each change is audited. A service that runs takes it at its
next look; the app takes its theme, name, colour and keys at once. Where somebody else wrote the file meanwhile, what
they changed is shown, and nothing is lost.

A key that is no setting, or a value that does not fit, is refused before anything is done, with the file, the line and
the nearest name; `settings` works all the same, to mend it:

{refusal}

An option of a verb (`--deadline`, `--limit`, …) stands above the setting. The home is `$PATCHDECK_HOME`, else
`patchdeck/` in the XDG data folder (`~/.local/share`); `--home` stands above both.

{sections}
A whole file, with every setting at a value of its own choosing:

```toml
{example}
```
"""

_EXAMPLES = {
    "tables": "s3://my-bucket/fleet",
    "storage.endpoint": "https://s3.example.org",
    "storage.region": "eu-central-1",
    "storage.profile": "patchdeck",
    "metrics.textfile": "/var/lib/prometheus/node-exporter/patchdeck.prom",
    "metrics.listen": "127.0.0.1:9464",
    "app.theme": "patchdeck-light",
}

_REFUSAL = (
    "    patchdeck: {home}/config.toml, line 2: "
    "There is no setting 'assess.deadline'. Did you mean 'assess.deadline_seconds'? To mend it: patchdeck settings edit"
)


def make() -> str:
    """The text of the page."""
    sections = [(name, list(group)) for name, group in groupby(list_settings(), key=_section)]
    return _INTRODUCTION.format(
        refusal=_REFUSAL.format(home="~/.local/share/patchdeck"),
        sections="\n".join(_table(name, settings) for name, settings in sections),
        example="\n\n".join(_example(name, settings) for name, settings in sections),
    )


def _section(setting: Setting) -> str:
    """The section of a setting, empty for one before all sections."""
    return setting.name.rpartition(".")[0]


def _table(section: str, settings: list[Setting]) -> str:
    rows = "".join(
        f"| `{_key(each)}` | {each.expected} | {_default(each)} | {each.about.meaning} |\n" for each in settings
    )
    heading = f"[{section}]" if section else "Before all sections"
    return f"## {heading}\n\n| setting | takes | default | meaning |\n| --- | --- | --- | --- |\n{rows}"


def _key(setting: Setting) -> str:
    return setting.name.rpartition(".")[2]


def _default(setting: Setting) -> str:
    if setting.default is None:
        return "chosen by Patchdeck"
    if isinstance(setting.default, tuple):
        return f"`{json.dumps(setting.default)}`"  # as it is written
    return shown_value(setting, setting.default)


def _example(section: str, settings: list[Setting]) -> str:
    lines = (f"{_key(setting)} = {_toml(setting)}" for setting in settings)
    return "\n".join((*((f"[{section}]",) if section else ()), *lines))


def _toml(setting: Setting) -> str:
    # A setting that Patchdeck chooses has no default to show: a value that makes a difference stands for it.
    value = _EXAMPLES.get(setting.name, 50) if setting.default is None else setting.default
    return json.dumps(value)
