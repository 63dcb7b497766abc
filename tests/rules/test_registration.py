"""What is added is found: a package manager by its line in the list, a query by being there, a verb by its name."""

import ast
import re
from pathlib import Path

import pytest

from collectors.managers import MANAGERS
from ops.cli.app import VERB_MODULES
from query.library import find_queries

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sample-data").glob("*.md")]


def test_each_package_manager_has_one_probe_and_captured_output() -> None:
    """A manager in the list has its own probe and its folder of captures, and no probe is without a manager."""
    shared = {"main", "frame", "linux", "become"}
    probes = {path.stem for path in (ROOT / "collectors" / "probes").glob("*.sh")} - shared
    assert probes == {manager.name for manager in MANAGERS}
    assert all(list((ROOT / "tests" / "collectors" / "captures").glob(f"**/*{name}*")) for name in probes)


def test_each_package_manager_has_a_row_on_the_page_of_families() -> None:
    """docs/families.md says what every manager in the list gives."""
    page = (ROOT / "docs" / "families.md").read_text(encoding="utf-8")
    missing = [manager.name for manager in MANAGERS if not re.search(rf"(?m)^\| \S*{manager.name}", page)]
    assert missing == []


def test_each_file_of_the_library_is_a_query_with_title_and_help() -> None:
    """A predefined query is found by being there, and says what it is."""
    folder = ROOT / "query" / "library"
    files = {path.stem for ending in ("sql", "kql") for path in folder.rglob(f"*.{ending}")}
    found = {query.name: query for query in find_queries([])}
    assert files
    assert files <= set(found)
    assert all(found[name].title and found[name].help for name in files)


def test_each_verb_module_is_named_in_the_list() -> None:
    """No verb's file lies beside the command line without being part of it."""
    folder = ROOT / "ops" / "cli" / "verbs"
    names = {path.stem for path in folder.iterdir() if path.stem not in ("__init__", "__pycache__")}
    assert names == set(VERB_MODULES)


def test_each_screen_is_opened_from_somewhere() -> None:
    """Every class of a screen is named somewhere beside its own definition: none is left that no key leads to."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tui").rglob("*.py")}
    everything = "\n".join(sources.values())
    unused = [
        node.name
        for path, source in sources.items()
        if path.parent.name == "screens"
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        if len(re.findall(rf"\b{node.name}\b(?!`)", everything)) < 2
    ]
    assert unused == []


def test_every_decision_is_listed_on_the_page_of_decisions() -> None:
    """docs/decisions/README.md names each decision's page."""
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in folder.glob("0*.md") if page.name not in listed]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link in the documentation names a file that exists."""
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    broken = [target for target in targets if not (page.parent / target).exists()]
    assert broken == []
