"""What is added is found: a package manager by its line in the list, a query and a decision by being there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_decision_is_listed_on_the_page_of_decisions() -> None:
    """docs/decisions/README.md names each decision's page."""
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in folder.glob("0*.md") if page.name not in listed]
    assert missing == []


PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link in the documentation names a file that exists."""
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    broken = [target for target in targets if not (page.parent / target).exists()]
    assert broken == []
