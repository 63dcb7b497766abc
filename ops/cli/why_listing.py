"""Why updates are not installed, as rows for programs and as lines for people."""

import textwrap
from collections.abc import Iterator, Sequence

from fleet.hostile import clean_name
from fleet.name_lists import some_of
from fleet.reasons.reason import Reason
from fleet.reasons.summary import ReasonGroup
from fleet.updates import Update
from ops.cli.listing import Column, Listing
from ops.cli.values import count_of
from ops.why.answers import Answer

_PAGE_WIDTH = 100
_NAMES_SAID = 5
_OF_REASON = (
    Column("weight"),
    Column("kind"),
    Column("about"),
    Column("words"),
    Column("evidence"),
    Column("remedy"),
    Column("command"),
    Column("run_id"),
)
_ANSWER_COLUMNS = (
    Column("machine"),
    Column("machine_id"),
    Column("update"),
    Column("architecture"),
    Column("installed_version"),
    Column("offered_version"),
    *_OF_REASON,
)
_GROUP_COLUMNS = (*_OF_REASON, Column("machine_count"), Column("leading"), Column("machines"))


def list_answers(answers: Sequence[Answer]) -> Listing:
    """A row for each reason of each update of each machine, what stops it first."""
    return Listing(_ANSWER_COLUMNS, [row for answer in answers for row in _answer_rows(answer)])


def list_groups(groups: Sequence[ReasonGroup]) -> Listing:
    """A row for each reason, with its machines; what is told of it is as it is of the first of them."""
    rows = [(*_of_reason(each.example), len(each.machines), each.leading, each.machines) for each in groups]
    return Listing(_GROUP_COLUMNS, rows)


def answer_lines(answer: Answer, width: int | None) -> Iterator[str]:
    """The answer as text: the verdict, then each reason with its evidence and its remedy."""
    missing = answer.missing
    yield f"{clean_name(missing.machine_name)}, {update_text(missing.update)}: {answer.verdict}"
    for number, reason in enumerate(answer.reasons, 1):
        yield ""
        yield from _reason_lines(f"{number}. [{reason.weight.value}] {reason.words}", reason, width)


def group_lines(groups: Sequence[ReasonGroup], width: int | None) -> Iterator[str]:
    """The groups as text: how many machines, which, and the reason as it is of the first of them."""
    for number, group in enumerate(groups):
        if number:
            yield ""
        reason = group.example
        first = f", the first reason on {group.leading}" if group.leading else ""
        yield from _wrap(
            f"{count_of(len(group.machines), 'machine')}{first}: [{reason.weight.value}] {reason.words}", "", width
        )
        yield from _wrap(f"Machines: {some_of(map(clean_name, group.machines), _NAMES_SAID)}", "   ", width)
        yield from _evidence_lines(reason, "For example" if len(group.machines) > 1 else "Evidence", width)


def update_text(update: Update) -> str:
    """``openssl 3.0.2 → 3.0.4 (amd64)``."""
    versions = " → ".join(filter(None, (update.installed_version, update.offered_version)))
    architecture = f" ({update.architecture})" if update.architecture else ""
    return clean_name(f"{update.name} {versions}{architecture}")


def _answer_rows(answer: Answer) -> Iterator[tuple[object, ...]]:
    missing, update = answer.missing, answer.missing.update
    for reason in answer.reasons:
        yield (
            missing.machine_name,
            missing.machine_id,
            update.name,
            update.architecture,
            update.installed_version,
            update.offered_version,
            *_of_reason(reason),
        )


def _of_reason(reason: Reason) -> tuple[object, ...]:
    return (
        reason.weight,
        reason.kind,
        reason.about,
        reason.words,
        reason.evidence,
        reason.remedy,
        reason.command,
        reason.run_id,
    )


def _reason_lines(head: str, reason: Reason, width: int | None) -> Iterator[str]:
    yield from _wrap(head, "", width)
    yield from _evidence_lines(reason, "Evidence", width)


def _evidence_lines(reason: Reason, title: str, width: int | None) -> Iterator[str]:
    if reason.evidence:
        yield from _wrap(f"{title}: {reason.evidence}", "   ", width)
    if reason.remedy:
        yield from _wrap(f"To do: {reason.remedy}", "   ", width)
    if reason.command:
        yield f"      {reason.command}"  # in one piece, so that it can be copied


def _wrap(text: str, indent: str, width: int | None) -> list[str]:
    inner = f"{indent}   "
    return textwrap.wrap(
        text,
        min(width or _PAGE_WIDTH, _PAGE_WIDTH),
        initial_indent=indent,
        subsequent_indent=inner,
        break_long_words=False,
    )
