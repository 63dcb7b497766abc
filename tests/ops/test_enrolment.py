"""Enrolling: the same twice is once, and what a transport would ignore is refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.errors import BadInput, UnknownName
from fleet.machines import OSType, TransportKind
from ops.enrolment import (
    Definition,
    define_this_machine,
    edit_machine,
    enrol,
    find_machine,
    list_machines,
    parse_tags,
    remove_machines,
)
from ops.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def test_this_machine_is_enrolled_once(home: Home) -> None:
    """However often the app offers it."""
    first, second = enrol(home, define_this_machine()), enrol(home, define_this_machine())

    assert (first.is_new, second.is_new) == (True, False)
    assert first.machine == second.machine
    assert first.machine.transport is TransportKind.LOCAL


def test_a_learnt_system_is_no_difference(home: Home) -> None:
    """Scans learn the system's family; the administrator's definition is the same as before."""
    enrol(home, Definition("web-01"))
    edit_machine(home, "web-01", lambda old: replace(old, os_type=OSType.LINUX))

    assert not enrol(home, Definition("web-01")).is_new


def test_a_removed_machine_is_unknown(home: Home) -> None:
    """Its name is free again, for a machine with another id."""
    before = enrol(home, Definition("web-01")).machine
    remove_machines(home, ["web-01"])

    with pytest.raises(UnknownName):
        find_machine(home, "web-01")
    assert enrol(home, Definition("web-01")).machine.id != before.id


@pytest.mark.parametrize("hops", ["jump", "ops@jump.example:2222", "a,b@192.0.2.1:22,fd00::1"])
def test_jump_hosts_are_taken(home: Home, hops: str) -> None:
    """One or several, with user and port or without."""
    assert enrol(home, Definition("web-01", proxy_jump=hops)).machine.proxy_jump == hops


@pytest.mark.parametrize("hops", ["", "-oProxyCommand=x", "a b", "jump:0", "jump:x", "@jump", "a,,b", "jump:٣"])
def test_what_is_no_jump_host_is_refused(home: Home, hops: str) -> None:
    """Nothing of it is enrolled."""
    with pytest.raises(BadInput):
        enrol(home, Definition("web-01", proxy_jump=hops))
    assert list_machines(home) == []


def test_a_key_that_is_not_there_is_refused(home: Home, tmp_path: Path) -> None:
    """A relative path is kept as an absolute one."""
    with pytest.raises(BadInput, match="key file"):
        enrol(home, Definition("web-01", key_file="no-such-key"))
    (tmp_path / "key").write_text("key")
    assert enrol(home, Definition("web-02", key_file=str(tmp_path / "key"))).machine.key_file == str(tmp_path / "key")


def test_the_same_tag_twice_is_once_and_two_values_are_a_mistake() -> None:
    """A typo does not silently win."""
    assert parse_tags(["a=1", "a=1", "b=2"]) == {"a": "1", "b": "2"}
    with pytest.raises(BadInput, match="twice"):
        parse_tags(["a=1", "a=2"])


def test_edits_at_once_keep_each_other(home: Home) -> None:
    """Two administrators, each with a tag of their own: both tags are there afterwards."""
    enrol(home, define_this_machine())
    keys = [f"key{number}" for number in range(8)]

    def add_tag(key: str) -> None:
        edit_machine(home, "this", lambda old: replace(old, tags={**old.tags, key: "x"}))

    with ThreadPoolExecutor(len(keys)) as pool:
        list(pool.map(add_tag, keys))

    assert sorted(find_machine(home, "this").tags) == keys


def test_the_same_machine_enrolled_at_once_is_once(home: Home) -> None:
    """One of them is the first, the others find it as they would have made it."""
    with ThreadPoolExecutor(8) as pool:
        enrolments = list(pool.map(lambda _: enrol(home, define_this_machine()), range(8)))

    assert [enrolment.is_new for enrolment in enrolments].count(True) == 1
    assert len({enrolment.machine.id for enrolment in enrolments}) == 1


def test_an_empty_address_is_a_mistake(home: Home) -> None:
    """It comes of a variable that was not set; the machine's name is not what was meant."""
    with pytest.raises(BadInput, match="malformed"):
        enrol(home, Definition("web-01", address=""))
