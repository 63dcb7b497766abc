"""Targets choose exactly the machines that they name."""

from datetime import UTC, datetime

import pytest

from fleet.errors import BadInput, UnknownName
from fleet.machines import Machine, OSType, TransportKind
from fleet.targets import find_machines, select_machines

ENROLLED = datetime(2026, 11, 1, tzinfo=UTC)


def machine(name: str, os_type: OSType | None = OSType.LINUX, **tags: str) -> Machine:
    return Machine(
        id=f"id-{name}", name=name, transport=TransportKind.SSH, created_at=ENROLLED, os_type=os_type, tags=tags
    )


FLEET = (
    machine("web-02", env="prod"),
    machine("web-01", env="prod", cluster="a"),
    machine("db-01", env="dev"),
    machine("dc-01", OSType.WINDOWS, env="prod"),
    machine("new-01", None),
)


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        (["web-01"], ["web-01"]),
        (["web-*"], ["web-01", "web-02"]),
        (["web-0[12]", "web-01"], ["web-01", "web-02"]),
        (["tag:env=prod"], ["dc-01", "web-01", "web-02"]),
        (["tag:env=p*"], ["dc-01", "web-01", "web-02"]),
        (["tag:cluster"], ["web-01"]),
        (["os:linux"], ["db-01", "web-01", "web-02"]),
        (["os:Windows"], ["dc-01"]),
        (["all"], ["db-01", "dc-01", "new-01", "web-01", "web-02"]),
        (["db-01", "tag:cluster=a"], ["db-01", "web-01"]),
        ([], []),
    ],
)
def test_targets_choose_machines_by_name_once_each(targets: list[str], names: list[str]) -> None:
    """Every form of target gives its machines, in order of name, none twice."""
    assert [chosen.name for chosen in select_machines(targets, FLEET)] == names


def test_unknown_machine_offers_the_nearest_name() -> None:
    """A mistyped name is answered with the name that was probably meant."""
    with pytest.raises(UnknownName, match=r"no machine 'wbe-01'.*Did you mean 'web-01'"):
        select_machines(["wbe-01"], FLEET)


def test_unknown_tag_offers_the_nearest_tag() -> None:
    """A mistyped tag is answered with the tag that was probably meant."""
    with pytest.raises(UnknownName, match=r"no tag 'env=pord'.*'env=prod'"):
        select_machines(["tag:env=pord"], FLEET)


def test_glob_that_matches_nothing_is_an_error_not_an_empty_choice() -> None:
    """Nothing is never quietly chosen: a glob without machines is refused."""
    with pytest.raises(UnknownName):
        select_machines(["mail-*"], FLEET)


@pytest.mark.parametrize("target", ["os:linus", "site:fra", "tag:", ":x"])
def test_target_of_an_unknown_kind_is_refused(target: str) -> None:
    """A target that is none of the documented forms is bad input."""
    with pytest.raises(BadInput):
        select_machines([target], FLEET)


def test_many_targets_without_a_machine_are_told_in_a_few_sentences() -> None:
    """A definition may name thousands; nobody reads thousands of sentences. What is there is chosen."""
    chosen, missing = find_machines(["web-01", "os:windows", *(f"gone-{n}" for n in range(1000))], FLEET)

    assert [each.name for each in chosen] == ["dc-01", "web-01"]
    assert len(missing) == 4
    assert missing[0].startswith("There is no machine 'gone-0'")
    assert missing[-1] == "997 more targets name no machine."


def test_unknown_system_names_no_machine_of_unknown_system() -> None:
    """What a machine runs is not known before it was assessed: that is no system of that name."""
    chosen, missing = find_machines(["os:plan9"], FLEET)

    assert (chosen, len(missing)) == ([], 1)
