"""Makes every generated page of the documentation anew, or with --check says which are out of date.

Each ``docs/make_*.py`` beside this one has ``PAGE`` (the file it makes) and ``make() -> str`` (its text).
"""

import importlib.util
import sys
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
        module = load(script) if script.name != Path(__file__).name else None
        if module is None or not hasattr(module, "PAGE"):
            continue
        text = module.make()
        current = module.PAGE.read_text(encoding="utf-8") if module.PAGE.exists() else ""
        if text != current and not check:
            module.PAGE.write_text(text, encoding="utf-8")
        if text != current:
            stale.append(module.PAGE.name)
    verb = "Out of date, run `python docs/make_all.py`" if check else "Written"
    print(f"{verb}: {', '.join(stale)}" if stale else "Generated pages are up to date.")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
