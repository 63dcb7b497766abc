"""Answers of pacman from captures and invented ones: kernels, repositories, and lines that pacman never prints."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from collectors.managers.manager import MachineContext
from collectors.managers.pacman import Pacman
from collectors.managers.pacman_config import parse_config
from collectors.managers.pacman_databases import judge, parse_databases
from collectors.managers.pacman_packages import parse_packages
from collectors.managers.pacman_updates import parse_available, parse_plan
from collectors.managers.replaced_kernels import read_replaced_kernel
from collectors.sections import Section, Sections
from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.errors import UnreadableOutput
from fleet.failures import FailureKind
from fleet.updates import Blocker

Read = Callable[..., Assessment]
_NOW = datetime(2026, 11, 23, tzinfo=UTC)


def _section(name: str, text: str, stderr: str = "", exit_status: int = 0) -> Section:
    return Section(name, text.encode(), stderr.encode(), exit_status)


def _sections(*facts: str, container: str = "") -> Sections:
    kernel = _section("pacman-kernel", "\n".join(facts))
    return Sections({"pacman-kernel": kernel, "system": _section("system", f"container={container}")}, None)


def test_captured_machine_is_read(read_text: Read, captures: dict[str, str]) -> None:
    """Held by name and by group, an epoch, a new dependency, two repositories with one package."""
    assessment = read_text(captures["pacman-6"])

    assert assessment.failure is None
    assert {u.name: (u.offered_version, u.repository, u.blocker) for u in assessment.updates} == {
        "acme": ("1.1-1", "core", None),
        "acme-both": ("2-1", "core", None),
        "acme-grp": ("2.2-1", "extra", Blocker.HELD),
        "acme-ign": ("2.1-1", "extra", Blocker.HELD),
        "acme-lib": ("1:1.0-2", "core", None),
        "acme-new": ("2-1", "extra", None),
    }
    assert assessment.facts.package_manager == "pacman"
    assert len(assessment.installed) == 10


def test_line_that_pacman_does_not_print_is_a_failure(read_text: Read, captures: dict[str, str]) -> None:
    """It is never left out in silence."""
    assessment = read_text(captures["pacman-6"], {"acme-new 1-1 -> 2-1": "acme-new 1-1 to 2-1"})

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.OUTPUT_UNREADABLE


def test_manager_that_fails_is_a_failure(read_text: Read, captures: dict[str, str]) -> None:
    """Exit status 255 is neither some updates nor none."""
    text = re.sub(
        r"(?s)(begin pacman-updates\n).*?(\n\n@MARKER@ end )0", r"\g<1>\g<2>255", captures["pacman-6"], count=1
    )

    assessment = read_text(text)

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.PACKAGE_MANAGER_FAILED


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        (("modules=there", "kernel=6.6.8-arch1-1", "running=6.6.8-arch1-1"), Answer.NO),
        (("modules=gone", "kernel=6.7.1-arch2-1", "running=6.6.8-arch1-1"), Answer.YES),
        (("modules=gone", "kernel=6.6.9-1-lts", "running=6.6.8-1-lts"), Answer.YES),
        # Only a kernel of another kind is there: the running one came from elsewhere.
        (("modules=gone", "kernel=6.6.9-1-lts", "running=6.1.10-x86_64-linode159"), None),
        # A hook keeps the old modules: which kernel is newest is for the kernels' own reader.
        (("modules=there", "kernel=6.6.8-arch1-1", "kernel=6.7.1-arch1-1", "running=6.6.8-arch1-1"), None),
        (("modules=gone", "running=6.6.8-arch1-1"), None),
        ((), None),
    ],
)
def test_replaced_kernel_asks_for_a_reboot(facts: tuple[str, ...], answer: Answer | None) -> None:
    """Arch removes the modules of the kernel that runs when it replaces it."""
    said = read_replaced_kernel(_sections(*facts), "pacman-kernel")

    assert (said.required if said else None) is answer


def test_container_has_no_kernel_of_its_own() -> None:
    """Its host's kernel is none of its packages."""
    facts = ("modules=gone", "kernel=6.7.1-arch2-1", "running=6.6.8-arch1-1")

    assert read_replaced_kernel(_sections(*facts, container="/.dockerenv"), "pacman-kernel") is None


@pytest.mark.parametrize(
    ("families", "name"),
    [(("arch",), "arch/core"), (("endeavouros", "arch"), "arch/core"), (("manjaro", "arch"), "manjaro/core")],
)
def test_repository_has_one_name_on_all_machines_that_use_it(families: tuple[str, ...], name: str) -> None:
    """EndeavourOS uses Arch's own repositories, Manjaro others of the same names."""
    databases = parse_databases(_section("pacman-databases", "core 1795393758 1795393759"), ())

    repository = databases.list_repositories(families)[0]

    assert (repository.name, repository.has_advisories, repository.is_failing) == (name, False, False)
    assert repository.made_at == datetime.fromtimestamp(1795393758, UTC)


def test_branch_that_rests_for_weeks_is_not_stale() -> None:
    """Manjaro's stable branch: made four weeks ago, fetched today."""
    text = "core 1793000000 1793000000\nlog [2026-11-22T20:00:00+0000] [PACMAN] synchronizing package lists"

    coverage, _ = judge(parse_databases(_section("pacman-databases", text), ()), _NOW)

    assert coverage is Coverage.UNCLASSIFIED


def test_conflict_stops_everything_with_pacmans_words() -> None:
    """Whatever the reason, its text is the evidence."""
    said = ":: a-2-1 and b-1-1 are in conflict\nerror: failed to prepare transaction (conflicting dependencies)"

    plan = parse_plan(_section("pacman-plan", "", said, 1))

    assert "a-2-1 and b-1-1 are in conflict" in plan.failure
    assert plan.unmet == {}


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_config, "SigLevel = Never"),
        (parse_packages, "package\tacme\t1"),
        (parse_packages, "package\ta\t1\tx\ta\t\npackage\ta\t1\tx\ta\t"),
        (parse_packages, "package\t\t1\tx\ta\t"),
        (parse_available, "core acme 2-1"),
        (parse_plan, "core|acme|2-1"),
        (parse_plan, "core|acme|2-1|-3"),
        (lambda section: parse_databases(section, ()), "core yesterday today"),
    ],
)
def test_lines_of_no_known_shape_are_refused(parse: Callable[[Section], object], text: str) -> None:
    """With their number and their text."""
    with pytest.raises(UnreadableOutput):
        parse(_section("pacman-x", text))


@pytest.mark.timeout(30)
def test_many_ignored_packages_and_many_patterns() -> None:
    """Each ignored package is compared with a bounded number of patterns."""
    many = 20_000
    config = _section("pacman-config", "".join(f"IgnorePkg = a{n}*b*c\n" for n in range(many)) + "repository=core")
    sections = {
        "pacman-config": config,
        "pacman-installed": _section("", "".join(f"package\tp{n}\t1-1\tany\tp{n}\t\n" for n in range(many))),
        "pacman-updates": _section("", "".join(f"p{n} 1-1 -> 2-1 [ignored]\n" for n in range(many))),
        "pacman-available": _section("", ""),
        "pacman-plan": _section("", ""),
        "pacman-foreign": _section("", ""),
        "pacman-databases": _section("", "core 1795393758 1795393759"),
    }

    answer = Pacman().read(Sections(sections, None), MachineContext(_NOW))

    assert len(answer.updates) == many
