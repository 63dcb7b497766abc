"""Exclusions of deployments: what holds still, and what it leaves out."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import Exclusion, UpdateMask, UpdateRules
from fleet.reports.exclusions import Excluder, MissingPackage, list_exclusions, state_of
from fleet.reports.tables import Citation

NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
TODAY = date(2026, 11, 30)
SOURCE = Citation("patchdeck reports make exceptions")
MISSING = (
    MissingPackage("openssl", "3.0.15", "Security Updates", "", ("a", "a", "b")),
    MissingPackage("vim", "9.1", "Others", "", ("a", "c")),
    MissingPackage("Windows Server 2019", "", "Security Updates", "5031364", ("b",)),
)


def deployment_with(*exclusions: Exclusion, exclude: tuple[UpdateMask, ...] = ()) -> Deployment:
    return Deployment("web", ("all",), UpdateRules(exclusions=exclusions, exclude=exclude))


def rows_of(deployment: Deployment, ids: frozenset[str] | None) -> list[tuple[object, ...]]:
    return [*list_exclusions([Excluder(deployment, ids)], MISSING, NOW, SOURCE).rows]


@pytest.mark.parametrize(
    ("until", "state"),
    [
        (None, "no expiry"),
        (date(2026, 11, 29), "expired"),
        (TODAY, "ends soon"),
        (date(2026, 12, 30), "ends soon"),
        (date(2026, 12, 31), "holds"),
    ],
)
def test_state_goes_by_the_last_day(until: date | None, state: str) -> None:
    """Which is included."""
    assert state_of(until, TODAY) == state


def test_exclusion_counts_what_it_leaves_out_on_its_own_machines() -> None:
    """Each missing update of a machine that the deployment means; machines once."""
    exclusion = Exclusion(UpdateMask("openssl*"), "breaks the shop", date(2027, 1, 31), "anna")

    rows = rows_of(deployment_with(exclusion), frozenset({"a", "b"}))

    assert rows == [
        ("web", True, "openssl*", "breaks the shop", "anna", date(2027, 1, 31), "holds", 3, 3, 2),
    ]


def test_article_is_excluded_by_its_number() -> None:
    """As rules take it, with KB or without."""
    rows = rows_of(deployment_with(exclude=(UpdateMask("KB5031364"),)), frozenset({"b"}))
    assert [(row[2], row[6], row[7]) for row in rows] == [("KB5031364", "no expiry", 1)]


def test_expired_exclusion_leaves_nothing_out() -> None:
    """It is listed still, so that somebody takes it away."""
    rows = rows_of(deployment_with(Exclusion(UpdateMask("*"), "", date(2026, 11, 1))), frozenset({"a"}))
    assert [(row[6], row[7:]) for row in rows] == [("expired", (0, 0, 0))]


def test_targets_that_cannot_be_told_are_unknown_and_not_none() -> None:
    """A group that fails: counts are empty."""
    assert rows_of(deployment_with(exclude=(UpdateMask("*"),)), None)[0][7:] == (None, None, None)


def test_days_are_those_of_the_deployments_zone() -> None:
    """In Auckland the first of December has begun."""
    auckland = Schedule(datetime(2026, 1, 1), "Pacific/Auckland", "FREQ=DAILY")  # noqa: DTZ001  # wall-clock time
    exclusion = Exclusion(UpdateMask("vim"), "x", TODAY)
    here, there = deployment_with(exclusion), replace(deployment_with(exclusion), schedule=auckland)

    assert [rows_of(each, frozenset())[0][6] for each in (here, there)] == ["ends soon", "expired"]


def test_exclusions_without_an_expiry_come_first() -> None:
    """Then those that end first."""
    rows = rows_of(
        deployment_with(
            Exclusion(UpdateMask("b"), "", date(2027, 1, 1)),
            Exclusion(UpdateMask("a"), "", date(2026, 12, 1)),
            exclude=(UpdateMask("c"),),
        ),
        frozenset(),
    )
    assert [row[2] for row in rows] == ["c", "a", "b"]
