"""Values of settings as somebody types them, and as they are shown."""

import json
import re
from collections.abc import Sequence

from ops.setting import Setting, Value, check_value
from ops.toml_text import NotToml, load_toml

_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_TRUTH = {"true": True, "false": False}


def read_value(setting: Setting, texts: Sequence[str], where: str) -> Value:
    """The value of ``setting`` that ``texts`` say: several only for a list, which one text in brackets is, too.

    Raises:
        BadInput: it does not fit, in the words in which config.toml is refused; ``where`` stands in front.
    """
    if setting.kind is tuple:
        return check_value(setting, _items(texts), where)
    return check_value(setting, _typed(setting.kind, " ".join(texts).strip()), where)


def value_text(value: Value) -> str:
    """``value`` as it can be typed again: texts bare, lists in brackets; nothing is an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def shown_value(setting: Setting, value: Value) -> str:
    """``value`` with its unit, for people; that there is none where Patchdeck chooses by itself."""
    if value is None:
        return "not set"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = f"{value:,}".removesuffix(".0") if is_number else value_text(value)
    return f"{text} {setting.about.unit}".strip()


def meaning_of(setting: Setting) -> str:
    """What ``setting`` means, in plain text: the documentation has links there."""
    return _LINK.sub(r"\1", setting.about.meaning)


def _items(texts: Sequence[str]) -> object:
    if len(texts) == 1 and texts[0].lstrip().startswith("["):
        try:
            return load_toml(f"items = {texts[0]}")["items"]
        except NotToml:
            return texts[0]
    return [text for text in texts if text]


def _typed(kind: type, text: str) -> object:
    """``text`` as a value of ``kind``; as it is where it is none, which is refused then."""
    if kind is bool:
        return _TRUTH.get(text.casefold(), text)
    try:
        return kind(text.replace(",", "")) if kind in (int, float) else text
    except ValueError:
        return text
