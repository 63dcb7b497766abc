"""Makers of rows for tests of predefined queries, and a way to ask one by its name."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from query.engine import QueryEngine
from query.language import QueryLanguage
from query.library import SavedQuery, find_queries

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]


def predefined(name: str) -> SavedQuery:
    return next(query for query in find_queries() if query.name == name)


@pytest.fixture
def ask(engine: QueryEngine) -> Ask:
    """Rows of a predefined query, of each the columns that are named: ``ask("x", "Computer Product", days=3)``."""

    def answer(name: str, columns: str = "", **values: object) -> list[tuple[object, ...]]:
        saved = predefined(name)
        more = {} if saved.language is QueryLanguage.SQL else {"language": saved.language}
        result = engine.run(saved.text, saved.values(values), **more)  # type: ignore[arg-type]  # of several types
        names = [column.name for column in result.columns]
        wanted = [names.index(column) for column in columns.split() or names]
        return [tuple(row[index] for index in wanted) for row in result.rows]

    return answer


@pytest.fixture
def machine(now: datetime) -> Make:
    """A row of Machine: enabled, freshly and wholly answered, nothing missing, unless told otherwise."""

    def make(name: str, **more: object) -> Row:
        return {
            "Computer": name,
            "SourceComputerId": f"id-{name}",
            "OSType": "Linux",
            "Enabled": True,
            "Tags": "{}",
            "AddedAt": now - timedelta(days=400),
            "LastAnswered": now - timedelta(hours=1),
            "FailureKind": "",
            "LastOutcome": "succeeded",
            "Coverage": "complete",
            "RebootRequired": "no",
            "UnclassifiedUpdatesMissing": 0,
            "CriticalUpdatesMissing": 0,
            "SecurityUpdatesMissing": 0,
            "OtherUpdatesMissing": 0,
            **more,
        }

    return make


@pytest.fixture
def change() -> Make:
    """A row of Update or UpdateHistory: a security update's state on a machine from a time on."""

    def make(name: str, product: str, state: str, at: datetime, **more: object) -> Row:
        return {
            "TimeGenerated": at,
            "Computer": name,
            "SourceComputerId": f"id-{name}",
            "OSType": "Linux",
            "UpdateState": state,
            "Classification": "Security Updates",
            "Product": product,
            "ProductArch": "amd64",
            "UpdateID": "",
            "KBID": "",
            "InstalledVersion": "1",
            "ProductVersion": "2",
            "FirstSeen": at,
            "CVENumbers": "",
            "CVESeverity": "",
            "PackageSeverity": "",
            "MSRCSeverity": "",
            "IsInstallable": True,
            "NotInstallableReason": "",
            **more,
        }

    return make


@pytest.fixture
def attempt() -> Make:
    """A row of Assessment: answered wholly, nothing missing, unless told otherwise."""

    def make(name: str, at: datetime, **more: object) -> Row:
        return {
            "TimeGenerated": at,
            "Computer": name,
            "SourceComputerId": f"id-{name}",
            "OSType": "Linux",
            "Outcome": "succeeded",
            "Coverage": "complete",
            "FailureKind": "",
            "UnclassifiedUpdatesMissing": 0,
            "CriticalUpdatesMissing": 0,
            "SecurityUpdatesMissing": 0,
            "OtherUpdatesMissing": 0,
            **more,
        }

    return make


@pytest.fixture
def turn() -> Make:
    """A row of MachineRun: a machine that got through a run of the deployment ``weekly``."""

    def make(name: str, run: str, at: datetime, **more: object) -> Row:
        return {
            "TimeGenerated": at,
            "Computer": name,
            "SourceComputerId": f"id-{name}",
            "UpdateRunName": "weekly",
            "CorrelationId": run,
            "Status": "Succeeded",
            "ErrorResult": "",
            "StartTime": at,
            "EndTime": at,
            "Rebooted": False,
            "KernelBefore": "",
            "KernelAfter": "",
            "UpdatesNotAttempted": 0,
            **more,
        }

    return make


@pytest.fixture
def step() -> Make:
    """A row of UpdateRunProgress: a step of an update on a machine of a run."""

    def make(name: str, run: str, product: str, status: str, at: datetime, **more: object) -> Row:
        return {
            "TimeGenerated": at,
            "Computer": name,
            "SourceComputerId": f"id-{name}",
            "UpdateRunName": "weekly",
            "CorrelationId": run,
            "Product": product,
            "ProductArch": "amd64",
            "ProductVersion": "2",
            "UpdateId": "",
            "InstallationStatus": status,
            "ErrorResult": "",
            "SucceededOnRetry": False,
            "OSType": "Linux",
            **more,
        }

    return make


@pytest.fixture
def run() -> Make:
    """A row of DeploymentRun: a run that succeeded."""

    def make(name: str, run_id: str, at: datetime, **more: object) -> Row:
        return {
            "TimeGenerated": at,
            "UpdateRunName": name,
            "CorrelationId": run_id,
            "Status": "Succeeded",
            "StartTime": at,
            "EndTime": at,
            "MachinesTargeted": 1,
            "MachinesSucceeded": 1,
            "MachinesFailed": 0,
            "MachinesNotAttempted": 0,
            "MachinesCancelled": 0,
            "Settings": "{}",
            **more,
        }

    return make
