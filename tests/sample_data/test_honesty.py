"""The sample data tells one story: what each table says agrees with every other."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.tables import TABLES
from ops.state.runs import RunBook

Ask = Callable[[str], list[tuple[object, ...]]]

# Each finds what contradicts a rule; an empty answer is what is wanted.
CONTRADICTIONS = {
    "an update that a run installed is noticed as installed by the scan that ends the machine's run": """
        SELECT p.Computer, p.Title FROM UpdateRunProgress p
        JOIN MachineRun m USING (CorrelationId, SourceComputerId)
        WHERE p.InstallationStatus = 'Succeeded' AND NOT EXISTS (
            SELECT 1 FROM UpdateHistory h
            WHERE h.SourceComputerId = p.SourceComputerId AND h.UpdateState = 'Installed' AND h.Title = p.Title
              AND h.TimeGenerated BETWEEN p.TimeGenerated AND m.EndTime)""",
    "an update that a run could not install is still needed after it": """
        SELECT p.Computer, p.Title FROM UpdateRunProgress p
        JOIN MachineRun m USING (CorrelationId, SourceComputerId)
        WHERE p.InstallationStatus IN ('InstallFailed', 'MaintenanceWindowExceeded') AND 'Needed' IS DISTINCT FROM (
            SELECT arg_max(h.UpdateState, h.TimeGenerated) FROM UpdateHistory h
            WHERE h.SourceComputerId = p.SourceComputerId AND h.Product = p.Product AND h.Title = p.Title
              AND h.TimeGenerated <= m.EndTime)""",
    "Update is the last state of UpdateHistory": """
        WITH last AS (
            SELECT SourceComputerId, UpdateID, Product, ProductArch, arg_max(UpdateState, TimeGenerated) AS state,
                   arg_max(Title, TimeGenerated) AS title
            FROM UpdateHistory GROUP BY ALL)
        SELECT coalesce(u.Computer, last.SourceComputerId), coalesce(u.Product, last.Product)
        FROM (FROM last WHERE state = 'Needed') last
        FULL JOIN "Update" u USING (SourceComputerId, UpdateID, Product, ProductArch)
        WHERE u.Title IS DISTINCT FROM last.title""",
    "counts of a whole scan are those of the history replayed up to it": """
        WITH spans AS (
            SELECT SourceComputerId, Classification, UpdateState, NotInstallableReason, TimeGenerated AS since,
                   lead(TimeGenerated, 1, TIMESTAMPTZ '2100-01-01') OVER (
                       PARTITION BY SourceComputerId, UpdateID, Product, ProductArch ORDER BY TimeGenerated) AS until
            FROM UpdateHistory),
        counted AS (
            FROM spans
            WHERE Classification <> 'Definition Updates' AND NotInstallableReason NOT IN ('hidden', 'optional')),
        replayed AS (
            SELECT s.SourceComputerId, s.TimeGenerated,
                   count(*) FILTER (h.Classification = 'Critical Updates') AS critical,
                   count(*) FILTER (h.Classification = 'Security Updates') AS security,
                   count(h.since) AS total, count(*) FILTER (h.NotInstallableReason <> '') AS stopped
            FROM UpdateSummary s LEFT JOIN counted h ON h.SourceComputerId = s.SourceComputerId
                AND h.UpdateState = 'Needed' AND h.since <= s.TimeGenerated AND s.TimeGenerated < h.until
            WHERE s.Coverage = 'complete' GROUP BY ALL)
        SELECT s.Computer, s.TimeGenerated::TEXT
        FROM UpdateSummary s JOIN replayed r USING (SourceComputerId, TimeGenerated)
        WHERE
            (s.CriticalUpdatesMissing, s.SecurityUpdatesMissing, s.TotalUpdatesMissing, s.NotInstallableMissing)
            <> (r.critical, r.security, r.total, r.stopped)""",
    "a summary, a heartbeat and an answered assessment belong to each scan that was answered": """
        SELECT a.Computer, a.TimeGenerated::TEXT FROM (FROM Assessment WHERE Outcome <> 'failed') a
        FULL JOIN UpdateSummary s USING (SourceComputerId, TimeGenerated)
        FULL JOIN Heartbeat h USING (SourceComputerId, TimeGenerated)
        WHERE a.Type IS NULL OR s.Type IS NULL OR h.Type IS NULL""",
    "a failed assessment says why, and no other does": """
        SELECT Computer FROM Assessment WHERE (Outcome = 'failed') <> (FailureKind <> '' AND FailureText <> '')""",
    "a machine's part of a run counts its updates": """
        SELECT m.Computer, m.UpdateRunName FROM MachineRun m
        LEFT JOIN UpdateRunProgress p USING (CorrelationId, SourceComputerId)
        GROUP BY m.CorrelationId, m.Computer, m.UpdateRunName,
            m.UpdatesSucceeded, m.UpdatesFailed, m.UpdatesNotAttempted
        HAVING m.UpdatesSucceeded <> count(*) FILTER (p.InstallationStatus = 'Succeeded')
            OR m.UpdatesFailed <> count(*) FILTER (p.InstallationStatus = 'InstallFailed')
            OR m.UpdatesNotAttempted <> count(*) FILTER (p.InstallationStatus = 'MaintenanceWindowExceeded')""",
    "a run counts its machines and ends with the last of them": """
        SELECT d.UpdateRunName FROM DeploymentRun d JOIN MachineRun m USING (CorrelationId)
        GROUP BY d.UpdateRunName, d.CorrelationId, d.MachinesTargeted, d.MachinesSucceeded, d.MachinesFailed,
            d.Status, d.EndTime
        HAVING d.MachinesTargeted <> count(*)
            OR d.MachinesSucceeded <> count(*) FILTER (m.Status = 'Succeeded')
            OR d.MachinesFailed <> count(*) FILTER (m.Status <> 'Succeeded')
            OR (d.Status = 'Succeeded') <> (count(*) FILTER (m.Status <> 'Succeeded') = 0)
            OR d.EndTime <> max(m.EndTime)""",
    "a status of a machine's run is what its updates say": """
        SELECT Computer, UpdateRunName, Status FROM MachineRun
        WHERE (Status = 'Failed') <> (UpdatesFailed > 0)
           OR (Status = 'MaintenanceWindowExceeded') <> (UpdatesFailed = 0 AND UpdatesNotAttempted > 0)""",
    "no update starts in the last 15 minutes of its window": """
        SELECT p.Computer, p.Title FROM UpdateRunProgress p JOIN DeploymentRun d USING (CorrelationId)
        WHERE p.InstallationStatus = 'InProgress'
          AND p.StartTime > d.StartTime + to_minutes(d.WindowMinutes - 15)""",
    "a machine that was rebooted has another boot id, and no other does": """
        SELECT Computer, UpdateRunName FROM MachineRun WHERE Rebooted <> (BootIdBefore <> BootIdAfter)""",
    "a planned update has a last word": """
        SELECT CorrelationId, Computer, Title FROM UpdateRunProgress GROUP BY ALL
        HAVING arg_max(InstallationStatus, TimeGenerated) IN ('InProgress', 'NotStarted')
           AND count(*) FILTER (
               InstallationStatus IN ('Succeeded', 'InstallFailed', 'MaintenanceWindowExceeded')) <> 1""",
    "Machine says what the last answer said": """
        SELECT m.Computer FROM Machine m JOIN Assessment a
            ON a.SourceComputerId = m.SourceComputerId AND a.TimeGenerated = m.LastAnswered
        WHERE (m.SecurityUpdatesMissing, m.OtherUpdatesMissing, m.Coverage)
            IS DISTINCT FROM (a.SecurityUpdatesMissing, a.OtherUpdatesMissing, a.Coverage)""",
}


@pytest.mark.parametrize("rule", CONTRADICTIONS)
def test_tables_agree(ask: Ask, rule: str) -> None:
    """Nothing in the tables contradicts the rule."""
    assert ask(CONTRADICTIONS[rule]) == []


def test_kept_runs_are_those_of_the_tables(sample: Path, ask: Ask) -> None:
    """What state.db keeps of a machine's run is what the tables say of it."""
    with closing(sqlite3.connect(f"file:{sample / 'state.db'}?immutable=1", uri=True)) as connection:
        book = RunBook(connection)
        kept = {
            (
                run.id,
                run.status,
                machine.machine_id,
                machine.status,
                _microseconds(machine.ended_at),
                len(machine.outcomes),
            )
            for run in book.list()
            if run.status.is_over
            for machine in book.machines(run.id)
        }

    told = ask("""
        SELECT CorrelationId, d.Status, m.SourceComputerId, m.Status, epoch_us(m.EndTime),
            m.UpdatesSucceeded + m.UpdatesFailed + m.UpdatesNotAttempted + m.UpdatesLeftOut
        FROM MachineRun m JOIN DeploymentRun d USING (CorrelationId)
        WHERE d.StartTime > TIMESTAMPTZ '2026-10-20 12:00+00'""")
    assert kept
    assert kept == set(told)


def _microseconds(at: datetime | None) -> int | None:
    return None if at is None else (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_nothing_lies_outside_the_90_days(ask: Ask, table: str) -> None:
    """Every row is from the 90 days before the instant that stands for now."""
    ((count, outside),) = ask(f"""
        SELECT count(*), count(*) FILTER (TimeGenerated NOT BETWEEN '2026-08-22 12:00+00' AND '2026-11-20 12:00+00')
        FROM "{table}" """)
    assert count
    assert outside == 0
