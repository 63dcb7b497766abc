"""The commands that give the figures of a report again."""

import shlex
from collections.abc import Mapping
from datetime import UTC, datetime

from fleet.reports.request import ReportRequest


def query_command(name: str, values: Mapping[str, str], request: ReportRequest, now: datetime) -> str:
    """`patchdeck query` for the saved query ``name`` with the parameters ``values``, of the machines of ``request``."""
    words = ["patchdeck", "query", "--name", name]
    for parameter, value in values.items():
        words += ["--param", f"{parameter}={value}"]
    return shlex.join([*words, *_machines(request), *_instant(request, now), "--limit", "0"])


def report_command(request: ReportRequest, section: str, now: datetime) -> str:
    """`patchdeck reports make` for one table of the report."""
    words = ["patchdeck", "reports", "make", request.kind.value, *_machines(request)]
    return shlex.join([*words, *_instant(request, now), "--format", "csv", "--section", section])


def _machines(request: ReportRequest) -> list[str]:
    words = [word for target in request.targets for word in ("--target", target)]
    return [*words, *(["--scope"] if request.in_scope else [])]


def _instant(request: ReportRequest, now: datetime) -> list[str]:
    return ["--now", _text(now)] if request.as_of is None else ["--as-of", _text(request.as_of)]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
