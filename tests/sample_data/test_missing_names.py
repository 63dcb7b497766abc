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


def test_one_machine_has_the_names_of_what_it_misses(home: Path) -> None:
    """Of a machine with many missing updates, and none of one that is not there."""
    opened = open_home(home, create=False, read_only=True)
    missing = [each for each in list_missing(opened) if each.update.windows is None]
    machine = max({each.machine_name for each in missing}, key=[each.machine_name for each in missing].count)
    wanted = {each.update.name for each in missing if each.machine_name == machine}
    assert set(list_update_names(opened, machine.upper())) == wanted
    assert len(wanted) < len(list_update_names(opened))
    assert list_update_names(opened, "nobody") == {}


def test_newest_cves_come_first(home: Path) -> None:
    """By their year and number, not by their letters."""
    numbers = [tuple(map(int, cve.split("-")[1:])) for cve in list_lacked_cves(open_home(home, read_only=True))]
    assert len(numbers) > 50
    assert numbers == sorted(set(numbers), reverse=True)
