"""What missing updates and lacked fixes of the sample fleet are called."""

from pathlib import Path

from ops.home import open_home
from ops.missing import list_missing
from ops.missing_names import list_lacked_cves, list_update_names


def test_every_missing_update_has_a_name_to_choose(home: Path) -> None:
    """Packages by themselves, updates of Windows by their article, with the title."""
    opened = open_home(home, create=False, read_only=True)
    names = list_update_names(opened)
    missing = {each.update.name for each in list_missing(opened) if each.update.windows is None}
    assert missing == {name for name, title in names.items() if not title}
    assert "Cumulative Update" in names["KB5095301"]


def test_newest_cves_come_first(home: Path) -> None:
    """By their year and number, not by their letters."""
    numbers = [tuple(map(int, cve.split("-")[1:])) for cve in list_lacked_cves(open_home(home, read_only=True))]
    assert len(numbers) > 50
    assert numbers == sorted(set(numbers), reverse=True)
