"""docs/settings.md tells every setting as ops.config declares it."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from ops.config import list_settings
from ops.setting import Setting

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page_maker() -> ModuleType:
    """docs/make_settings.py as a module."""
    spec = importlib.util.spec_from_file_location("make_settings", ROOT / "docs" / "make_settings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_is_up_to_date(page_maker: ModuleType) -> None:
    """What is committed is what the declarations give; otherwise run ``python docs/make_all.py``."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == page_maker.make()


@pytest.mark.parametrize("setting", list_settings(), ids=lambda setting: setting.name)
def test_every_setting_is_told_with_its_meaning(setting: Setting) -> None:
    """Each setting has a row with its key, and what it means in words."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert f"| `{setting.name.rpartition('.')[2]}` | {setting.expected} |" in text
    assert setting.about.meaning in text
