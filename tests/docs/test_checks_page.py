"""docs/checks.md tells every check and every line of sudoers as they are declared."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_page_is_up_to_date() -> None:
    """What is committed is what the declarations give; otherwise run ``python docs/make_all.py``."""
    spec = importlib.util.spec_from_file_location("make_checks", ROOT / "docs" / "make_checks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == module.make()
