"""Answers as long as a machine may send are read in the time that their length takes: all others wait for it."""

from datetime import UTC, datetime

import pytest

from collectors.managers.apt_coverage import judge_coverage
from collectors.managers.apt_lists import Lists, Repository, failing_repositories, parse_lists
from collectors.managers.apt_plan import parse_plan
from collectors.managers.apt_policy import parse_policies
from collectors.managers.apt_refresh import read_refresh
from collectors.managers.apt_updates import AptAnswers, list_updates
from collectors.managers.dpkg import parse_inventory
from collectors.sections import Section
from fleet.answers import Coverage
from fleet.errors import UnreadableOutput

# Linear work on so many is over in a second or two; what compares each with each takes minutes.
_MANY = 40_000
pytestmark = pytest.mark.timeout(120)


def _section(name: str, lines: list[str], stderr: bytes = b"") -> Section:
    return Section(name, "\n".join(lines).encode(), stderr, 0)


def _repositories() -> tuple[Repository, ...]:
    named = (f"{number}-security" for number in range(_MANY))
    return tuple(Repository(f"http://x {name}", name, name, None, False, ()) for name in named)


def test_updates_whose_size_is_not_told() -> None:
    """Each is looked up among the sizes of others."""
    policy = (
        "p{}:\n  Installed: 1\n  Candidate: 2\n  Version table:\n     2 500\n        500 http://x y/main\n *** 1 100"
    )
    change = "   p{} (1 => 2)"
    numbers = range(_MANY)
    answers = AptAnswers(
        inventory=parse_inventory(_section("dpkg-query", [f"ii \tp{n}\tamd64\t1" for n in numbers]), "amd64"),
        plan=parse_plan(
            _section(
                "apt-plan",
                [
                    "The following packages will be upgraded:",
                    *map(change.format, numbers),
                    *(f"uri q{n}_2_amd64.deb 5" for n in numbers),
                ],
            )
        ),
        plan_upgrade=None,
        plan_new=None,
        policies=parse_policies(_section("apt-policy", list(map(policy.format, numbers)))),
        lists=Lists(),
        families=(),
        is_security_known=True,
    )

    assert [update.size_bytes for update in list_updates(answers)] == [None] * _MANY


def test_one_name_in_many_architectures() -> None:
    """No machine has them, but one may say so."""
    inventory = parse_inventory(_section("dpkg-query", [f"ii \tp\ta{n}\t1" for n in range(4 * _MANY)]), "amd64")

    assert len(inventory.versions) == 4 * _MANY


def test_many_repositories_without_lists() -> None:
    """All but one are silent, and every one is for security."""
    spoken = Repository("http://x s-security", "s-security", "s", None, True, ())

    answer = judge_coverage(Lists((*_repositories(), spoken)), (), datetime(2026, 11, 22, tzinfo=UTC))

    assert answer.coverage is Coverage.SECURITY_UNKNOWN


def test_many_complaints_about_many_repositories() -> None:
    """A refresh that fails everywhere, and says so of addresses that nobody configured."""
    said = b"".join(b"E: Failed to fetch http://y%d\n" % number for number in range(_MANY))

    complaints = read_refresh(Section("apt-refresh", b"", said, 100)).complaints

    assert list(failing_repositories(Lists(_repositories()[:4000]), complaints)) == []


def test_more_repositories_than_any_machine_has_are_refused() -> None:
    """The others would be compared with each complaint of a refresh."""
    lines = [f"/nonexistent/h{n}_Packages|Packages|s|main|amd64|http://h{n} s" for n in range(_MANY)]

    with pytest.raises(UnreadableOutput, match="more repositories"):
        parse_lists(_section("apt-targets", lines), _section("apt-lists", []))
