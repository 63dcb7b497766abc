"""Facts of a machine beside its updates, from captured answers that were changed in one thing."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from collectors.linux_facts import Span, add_answer, read_facts
from collectors.managers.manager import ManagerAnswer, RebootAnswer
from collectors.sections import Sections, split_answer
from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.facts import Repository, UpdateModel
from fleet.failures import FindingKind

Read = Callable[..., Assessment]
_UUID = "4C4C4544-0042-3510-8052-B4C04F4E3132"
_NOW = datetime(2026, 11, 22, 21, tzinfo=UTC)


@pytest.fixture
def sections(captures: dict[str, str]) -> Sections:
    """A real answer of a Debian 12 machine."""
    return split_answer(captures["debian-12"].encode("utf-8", "surrogateescape"), b"", "@MARKER@")


def _answer(**more: object) -> ManagerAnswer:
    return ManagerAnswer((), {}, Coverage.COMPLETE, **more)  # type: ignore[arg-type]  # of several types


@pytest.mark.parametrize(
    ("line", "uuid"),
    [
        (f"container=\nsystem_uuid={_UUID}", _UUID.lower()),
        (f"container=/.dockerenv\nsystem_uuid={_UUID}", None),
        ("container=\nsystem_uuid=00000000-0000-0000-0000-000000000000", None),
        ("container=\nsystem_uuid=Not Settable", None),
        ("container=", None),
    ],
)
def test_firmware_uuid_is_one_or_unknown(
    read_text: Read, captures: dict[str, str], line: str, uuid: str | None
) -> None:
    """That of a container is its host's; what makers leave in is no identity."""
    assessment = read_text(captures["ubuntu-pro"], {"container=\n": f"{line}\n"})

    assert assessment.facts.system_uuid == uuid


def test_uptime_and_end_of_life_are_read(sections: Sections) -> None:
    """The end is by the table where os-release does not say."""
    facts = read_facts(sections, Span(_NOW, _NOW))

    assert facts.uptime_seconds is not None
    assert facts.uptime_seconds > 0
    assert facts.end_of_life == date(2026, 6, 10)


def test_system_past_its_end_is_a_finding(read_text: Read, captures: dict[str, str]) -> None:
    """With the day, and what follows it."""
    assessment = read_text(captures["debian-12"])

    (finding,) = [finding for finding in assessment.findings if finding.kind is FindingKind.END_OF_LIFE]
    assert "ended on 2026-06-10" in finding.text
    assert "Debian LTS" in finding.text


def test_what_the_manager_knows_becomes_facts(sections: Sections) -> None:
    """Repositories, services, the way of updating and the age of its lists."""
    repositories = (Repository("baseos", made_at=_NOW),)
    answer = _answer(repositories=repositories, services_to_restart=("sshd.service",), metadata_at=_NOW)

    facts = add_answer(read_facts(sections, Span(_NOW, _NOW)), sections, answer)

    assert (facts.repositories, facts.services_to_restart) == (repositories, ("sshd.service",))
    assert (facts.update_model, facts.metadata_at) == (UpdateModel.PACKAGES, _NOW)


@pytest.mark.parametrize(("container", "required"), [("", Answer.YES), ("/.dockerenv", Answer.NO)])
def test_tool_that_wants_a_reboot_is_heard_but_in_containers(
    captures: dict[str, str], container: str, required: Answer
) -> None:
    """In a container the time of the boot is that of its host, which tools take for its own."""
    text = captures["ubuntu-pro"].replace("image=5.15.0-100-generic\n", "")
    changed = text.replace("container=\n", f"container={container}\n").encode("utf-8", "surrogateescape")
    sections = split_answer(changed, b"", "@MARKER@")
    said = _answer(reboot=RebootAnswer(Answer.YES, "needs-restarting: glibc was updated."))

    facts = add_answer(read_facts(sections, Span(_NOW, _NOW)), sections, said)

    assert facts.reboot_required is required


def test_a_flood_of_words_is_not_tried_as_addresses(read_text: Read, captures: dict[str, str]) -> None:
    """Trying a word takes microseconds, and a machine may send thousands; the lines are told instead."""
    flood = "\n".join(["> " * 30_000] * 4)
    started = time.process_time()

    assessment = read_text(captures["apk-2"], {"@MARKER@ begin addresses": f"@MARKER@ begin addresses\n{flood}"})

    assert time.process_time() - started < 5
    assert FindingKind.LINES_NOT_READ in {finding.kind for finding in assessment.findings}


@pytest.mark.parametrize("name", ["system", "os-release", "managers", "disks", "reboot", "addresses", "updaters"])
def test_a_flood_of_facts_is_refused(read_text: Read, captures: dict[str, str], name: str) -> None:
    """What a machine says of itself is gone through many times, so it ends where no machine's does."""
    flood = "ID=a\n" * 2_000_000
    started = time.process_time()

    assessment = read_text(captures["apk-2"], {f"@MARKER@ begin {name}\n": f"@MARKER@ begin {name}\n{flood}"})

    assert time.process_time() - started < 5
    assert assessment.failure is not None
    assert name in assessment.failure.came_back
