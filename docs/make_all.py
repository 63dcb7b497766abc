"""Makes every generated page of the documentation anew, or with --check says which are out of date.

Each ``docs/make_*.py`` beside this one has ``PAGE`` (the file it makes) and ``make() -> str`` (its text), or
``make_pages()``, which gives the text of each file.
"""

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent


def load(path: Path) -> ModuleType:
    """The script at ``path`` as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Writes the pages, or with --check compares; 1 where a page is out of date."""
    check = "--check" in sys.argv
    sys.path.insert(0, str(HERE.parent))
    stale = []
    for script in sorted(HERE.glob("make_*.py")):
        for page, text in _pages_of(script).items():
            current = page.read_text(encoding="utf-8") if page.exists() else ""
            if text != current and not check:
                page.write_text(text, encoding="utf-8")
            if text != current:
                stale.append(page.name)
    verb = "Out of date, run `python docs/make_all.py`" if check else "Written"
    print(f"{verb}: {', '.join(stale)}" if stale else "Generated pages are up to date.")
    return 1 if stale and check else 0


def _pages_of(script: Path) -> Mapping[Path, str]:
    if script.name == Path(__file__).name:
        return {}
    module = load(script)
    if hasattr(module, "make_pages"):
        pages: Mapping[Path, str] = module.make_pages()
        return pages
    return {module.PAGE: module.make()} if hasattr(module, "PAGE") else {}


if __name__ == "__main__":
    sys.exit(main())
