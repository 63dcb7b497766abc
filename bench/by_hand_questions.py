"""What predefined queries ask, as somebody would write it who knows the files and nothing of our views.

Only what is read is named: files of the tables, days by their folders, times with their zone. ``{Table}`` is the files
of a CURRENT table, ``{Table since N}`` those of the last N days of a HISTORY table, ``{now}`` the bench's now. The rows
must be as many as those of the predefined query.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path

_MACHINES = "list_sort(list(DISTINCT Computer))[:50]::VARCHAR"
_NEEDED_CLASSES = "Classification IN ('Critical Updates', 'Security Updates')"

QUESTIONS: dict[str, str] = {
    "reboot-pending": """
        SELECT Computer, OSType, RebootRequired, RebootReason, BootedAt::TIMESTAMP, date_sub('day', BootedAt, {now}),
            Kernel, LastAnswered::TIMESTAMP
        FROM {Machine} WHERE Enabled AND LastAnswered NOTNULL AND RebootRequired IN ('yes', 'unknown')
        ORDER BY RebootRequired DESC, BootedAt, Computer""",
    "longest-up": """
        SELECT Computer, OSType, BootedAt::TIMESTAMP, date_sub('day', BootedAt, {now}), RebootRequired, RebootReason,
            Kernel, LastAnswered::TIMESTAMP
        FROM {Machine} WHERE Enabled AND LastAnswered NOTNULL AND (BootedAt IS NULL OR BootedAt <= {now} - to_days(60))
        ORDER BY BootedAt NULLS LAST, Computer""",
    "not-assessed": """
        SELECT Computer, OSType, LastAnswered::TIMESTAMP, LastOutcome, FailureKind, FailureText
        FROM {Machine} WHERE Enabled AND (LastAnswered IS NULL OR LastAnswered < {now} - to_hours(24))
        ORDER BY LastAnswered NULLS FIRST""",
    "clock-skew": """
        SELECT Computer, OSType, ClockSkewSeconds, LastAnswered::TIMESTAMP
        FROM {Machine} WHERE Enabled AND abs(ClockSkewSeconds) >= 5 ORDER BY abs(ClockSkewSeconds) DESC""",
    "kernels": f"""
        SELECT OSName, OSVersion, Architecture, Kernel, count(*), count_if(RebootRequired = 'yes'),
            count_if(RebootRequired = 'unknown'), date_sub('day', min(BootedAt), {{now}}), {_MACHINES}
        FROM {{Machine}} WHERE Enabled AND LastAnswered NOTNULL GROUP BY ALL ORDER BY ALL""",
    "duplicate-identities": f"""
        SELECT 'MachineId', MachineId, count(*), {_MACHINES} FROM {{Machine}} WHERE MachineId <> ''
        GROUP BY MachineId HAVING count(*) > 1
        UNION ALL
        SELECT 'VMUUID', VMUUID, count(*), {_MACHINES} FROM {{Machine}} WHERE VMUUID <> ''
        GROUP BY VMUUID HAVING count(*) > 1""",
    "other-updaters": f"""
        SELECT Updater, count(DISTINCT Computer), {_MACHINES}
        FROM (
            SELECT Computer, unnest(from_json(OtherUpdaters, '["VARCHAR"]')) AS Updater FROM {{Machine}} WHERE Enabled
        ) GROUP BY Updater ORDER BY 2 DESC""",
    "missing-summary-of-machine": """
        SELECT Computer, OSType, CriticalUpdatesMissing, SecurityUpdatesMissing, OtherUpdatesMissing,
            UnclassifiedUpdatesMissing, NotInstallableMissing, Coverage, LastAnswered::TIMESTAMP
        FROM {Machine} ORDER BY Computer""",
    "metadata-age": """
        SELECT Computer, any_value(m.PackageManager), any_value(m.MetadataAt)::TIMESTAMP,
            arg_min(Repository, MadeAt), count_if(IsFailing), any_value(m.LastAnswered)::TIMESTAMP
        FROM {Machine} AS m LEFT JOIN (SELECT SourceComputerId, Repository, MadeAt, IsFailing FROM {Repository}) AS r
            USING (SourceComputerId)
        WHERE Enabled AND LastAnswered NOTNULL AND (m.MetadataAt IS NULL OR m.MetadataAt < {now} - to_days(7))
        GROUP BY Computer, SourceComputerId ORDER BY min(m.MetadataAt) NULLS FIRST, Computer""",
    "missing-by-class": """
        SELECT Classification, count(DISTINCT (Product, ProductArch, ProductVersion, UpdateID)),
            count(DISTINCT SourceComputerId), count(*), count_if(NOT IsInstallable), min(FirstSeen)::TIMESTAMP
        FROM {Update} GROUP BY Classification ORDER BY Classification""",
    "missing-updates": f"""
        SELECT Product, ProductVersion, ProductArch, KBID, Classification, count(DISTINCT SourceComputerId) AS n,
            {_MACHINES}, count(DISTINCT SourceComputerId) FILTER (NOT IsInstallable), min(FirstSeen)::TIMESTAMP
        FROM {{Update}} GROUP BY Product, ProductVersion, ProductArch, UpdateID, KBID, Classification
        ORDER BY n DESC, Product, ProductVersion""",
    "missing-updates-of-machine": """
        SELECT Computer, Product, InstalledVersion, ProductVersion, ProductArch, KBID, Classification, IsInstallable,
            NotInstallableReason, FirstSeen::TIMESTAMP, SizeBytes, PackageRepository
        FROM {Update} WHERE Computer = 'm00001' ORDER BY Classification, Product""",
    "not-installable": """
        SELECT NotInstallableReason, Computer, Product, InstalledVersion, ProductVersion, Classification,
            NotInstallableDetail, FirstSeen::TIMESTAMP
        FROM {Update} WHERE NOT IsInstallable ORDER BY ALL""",
    "version-ages": """
        SELECT Product, ProductVersion, max(Classification), min(FleetFirstSeen)::TIMESTAMP AS since,
            date_sub('day', min(FleetFirstSeen), {now}), count(DISTINCT SourceComputerId),
            count(DISTINCT SourceComputerId) FILTER (IsInstallable)
        FROM {Update} WHERE FleetFirstSeen <= {now} GROUP BY Product, ProductVersion
        ORDER BY since, Product, ProductVersion""",
    "security-missing-long": f"""
        SELECT Computer, Product, InstalledVersion, ProductVersion, KBID, Classification, FirstSeen::TIMESTAMP,
            date_sub('day', FirstSeen, {{now}}), IsInstallable, NotInstallableReason
        FROM {{Update}} WHERE {_NEEDED_CLASSES} AND FirstSeen <= {{now}} - to_days(30)
        ORDER BY FirstSeen, Computer, Product, UpdateID""",
    "oldest-missing-security": """
        SELECT Computer, count(*), arg_min(Product, (FirstSeen, Product)), min(FirstSeen)::TIMESTAMP AS first,
            date_sub('day', min(FirstSeen), {now}) AS days, if(days < 30, 'Recent', if(days < 210, 'n days', 'Older'))
        FROM {Update} WHERE Classification = 'Security Updates' GROUP BY Computer ORDER BY first, Computer""",
    "machines-and-updates": f"""
        SELECT Computer, OSType, OSFullName, Enabled, LastOutcome, CriticalUpdatesMissing, SecurityUpdatesMissing,
            OtherUpdatesMissing, date_sub('day', oldest, {{now}}), RebootRequired, LastAnswered::TIMESTAMP,
            LastAssessed::TIMESTAMP
        FROM {{Machine}} LEFT JOIN (
            SELECT SourceComputerId, min(FirstSeen) AS oldest FROM {{Update}} WHERE {_NEEDED_CLASSES} GROUP BY ALL
        ) USING (SourceComputerId)
        ORDER BY CriticalUpdatesMissing + SecurityUpdatesMissing DESC, Computer""",
    "sla-breaches": f"""
        SELECT u.Computer, Classification, Product, ProductArch, InstalledVersion, ProductVersion, KBID,
            u.FirstSeen::TIMESTAMP, (FirstSeen + to_days(if(Classification[1] = 'C', 7, 30)))::TIMESTAMP AS due,
            IsInstallable, NotInstallableReason, LastAnswered::TIMESTAMP
        FROM (
            SELECT SourceComputerId, Computer, Classification, Product, ProductArch, InstalledVersion, ProductVersion,
                KBID, FirstSeen, IsInstallable, NotInstallableReason
            FROM {{Update}} WHERE {_NEEDED_CLASSES}
        ) AS u JOIN (SELECT SourceComputerId, LastAnswered FROM {{Machine}} WHERE Enabled) USING (SourceComputerId)
        WHERE FirstSeen + to_days(if(Classification[1] = 'C', 7, 30)) < {{now}}
        ORDER BY due, u.Computer, Product""",
    "longest-exposed": """
        SELECT Computer, arg_min(CVE, (FirstSeen, CVE)), arg_min(Product, (FirstSeen, CVE, Product)),
            min(FirstSeen)::TIMESTAMP AS first, count(*)
        FROM {MissingFix}
        WHERE IsOffered AND CVE IN (
            SELECT CVE FROM {Cve} WHERE Severity IN ('critical', 'high') OR KnownExploited)
        GROUP BY SourceComputerId, Computer HAVING min(FirstSeen) <= {now} - to_days(30) ORDER BY first, Computer""",
    "failed-updates": """
        SELECT ErrorResult, count(DISTINCT (CorrelationId, SourceComputerId, Product, UpdateId)) AS failures,
            count(DISTINCT SourceComputerId), count(DISTINCT CorrelationId), max(TimeGenerated)::TIMESTAMP
        FROM {UpdateRunProgress since 30}
        WHERE TimeGenerated >= {now} - to_days(30) AND InstallationStatus IN ('Failed', 'InstallFailed')
        GROUP BY ErrorResult ORDER BY failures DESC""",
    "machines-that-report": """
        SELECT Computer, OSType, arg_max(OSName, TimeGenerated), arg_max(Category, TimeGenerated),
            arg_max(ComputerIP, TimeGenerated), max(TimeGenerated)::TIMESTAMP, count(*)
        FROM {Heartbeat since 1} WHERE TimeGenerated >= {now} - to_hours(12)
        GROUP BY Computer, OSType ORDER BY Computer""",
    "installed-updates": """
        SELECT TimeGenerated::TIMESTAMP AS t, Computer, Product, ProductVersion, InstalledVersion, KBID, Classification,
            date_sub('day', FirstSeen, TimeGenerated)
        FROM {UpdateHistory since 7} WHERE TimeGenerated >= {now} - to_days(7) AND UpdateState = 'Installed'
        ORDER BY t DESC, Computer, Product, ProductArch, UpdateID""",
    "update-trend": """
        SELECT days.day, count_if(UpdateState = 'Needed'),
            count_if(UpdateState = 'Needed' AND Classification IN ('Critical Updates', 'Security Updates')),
            count_if(UpdateState = 'Installed'), count_if(UpdateState = 'NotNeeded')
        FROM (SELECT CAST({now} AS DATE) - n::INTEGER AS day FROM range(30) AS numbers(n)) AS days
        LEFT JOIN {UpdateHistory since 29} AS h ON h.Day = days.day
        GROUP BY days.day ORDER BY days.day""",
    "deployment-runs": """
        SELECT UpdateRunName, StartTime::TIMESTAMP AS began, arg_max(Status, TimeGenerated), max(EndTime)::TIMESTAMP,
            arg_max(MachinesTargeted, TimeGenerated), arg_max(MachinesSucceeded, TimeGenerated), CorrelationId
        FROM {DeploymentRun since 30} WHERE TimeGenerated >= {now} - to_days(30)
        GROUP BY UpdateRunName, CorrelationId, StartTime ORDER BY began DESC""",
    "days-to-install": """
        SELECT date_trunc('month', ended)::DATE AS m, class, count(*), count(DISTINCT id), avg(days), median(days),
            quantile_cont(days, 0.95), max(days)
        FROM (
            SELECT SourceComputerId AS id, arg_max(UpdateState, TimeGenerated) AS state, max(TimeGenerated) AS ended,
                arg_max(Classification, TimeGenerated) AS class,
                date_diff('second', FirstSeen, max(TimeGenerated)) / 86400.0 AS days
            FROM {UpdateHistory since 4000} WHERE FirstSeen NOTNULL
            GROUP BY SourceComputerId, UpdateID, Product, ProductArch, FirstSeen)
        WHERE state = 'Installed' AND ended >= date_trunc('month', {now}) - to_months(11)
        GROUP BY m, class ORDER BY m, class""",
}


def written(name: str, tables_dir: Path, now: datetime) -> str:
    """The question ``name`` over the files in ``tables_dir``."""
    zoned = f"TIMESTAMPTZ '{now:%Y-%m-%d %H:%M:%S}+00'"

    def source(match: re.Match[str]) -> str:
        table, days = match.group(1), match.group(2)
        if table == "now":
            return zoned
        if days is None:
            return f"read_parquet('{tables_dir}/{table}/*.parquet')"
        read = f"read_parquet('{tables_dir}/{table}/*/*.parquet', hive_partitioning = true)"
        return f"(SELECT * FROM {read} WHERE Day >= DATE '{(now - timedelta(days=int(days))):%Y-%m-%d}')"

    return re.sub(r"\{(\w+)(?: since (\d+))?\}", source, QUESTIONS[name])
