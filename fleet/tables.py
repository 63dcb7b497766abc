"""The record tables, each declared once: writer, reader, documentation, completion and headings come from here.

Names and columns are those of Update Management (Azure Monitor's table reference), so that its queries run
unchanged; our own columns follow at the end of each table. Times are UTC with microseconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fleet.errors import UnknownName


class ColumnType(StrEnum):
    """Types, by Kusto's names. DYNAMIC is JSON text; DATE is a day, used for partitions only."""

    STRING = "string"
    DATETIME = "datetime"
    DATE = "date"
    BOOL = "bool"
    INT = "int"
    LONG = "long"
    REAL = "real"
    DYNAMIC = "dynamic"


class TableKind(StrEnum):
    """HISTORY grows by appending and is partitioned by Day; CURRENT is replaced and holds what is true now."""

    HISTORY = "history"
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, type and meaning, with the unit where there is one."""

    name: str
    type: ColumnType
    meaning: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A record table as it is stored. ``sort_by`` is the order of rows within a file."""

    name: str
    kind: TableKind
    meaning: str
    columns: tuple[Column, ...]
    sort_by: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def _columns(type_: ColumnType, unit: str = "", **meanings: str) -> tuple[Column, ...]:
    return tuple(Column(name, type_, meaning, unit) for name, meaning in meanings.items())


def _strings(**meanings: str) -> tuple[Column, ...]:
    return _columns(ColumnType.STRING, **meanings)


def _ints(**meanings: str) -> tuple[Column, ...]:
    return _columns(ColumnType.INT, **meanings)


def _bools(**meanings: str) -> tuple[Column, ...]:
    return _columns(ColumnType.BOOL, **meanings)


def _times(**meanings: str) -> tuple[Column, ...]:
    return _columns(ColumnType.DATETIME, **meanings)


DAY = Column("Day", ColumnType.DATE, "UTC day of TimeGenerated; the partition of history tables")
LOADED_AT = Column("LoadedAt", ColumnType.DATETIME, "when it was loaded from another system's export; null for our own")

_COMMON = (
    *_times(TimeGenerated="when the row became true"),
    *_strings(
        TenantId="workspace; empty here",
        SourceSystem="what produced the row: Linux or OpsManager, as in Azure",
        MG="management group; empty here",
        ManagementGroupName="management group; empty here",
        SourceComputerId="the machine's id in Patchdeck, a UUID: the key for joins",
        Computer="the machine's name in Patchdeck",
        VMUUID="SMBIOS UUID where known",
        ComputerEnvironment="Azure or Non-Azure",
        SubscriptionId="Azure only; empty here",
        ResourceGroup="Azure only; empty here",
        ResourceProvider="Azure only; empty here",
        Resource="Azure only; empty here",
        ResourceId="Azure only; empty here",
        ResourceType="Azure only; empty here",
        _ResourceId="Azure only; empty here",
        _SubscriptionId="Azure only; empty here",
    ),
    *_columns(ColumnType.REAL, "bytes", _BilledSize="Azure only; null here"),
    *_strings(_IsBillable="Azure only; empty here", Type="the name of the table"),
)

_UPDATE = (
    *_strings(
        OSType="Linux or Windows",
        UpdateState="Needed, Installed or NotNeeded",
        Classification="class of the update: Critical Updates, Security Updates, Others, Unclassified; more on Windows",
        Title="title of the update (Windows); package and version (Linux)",
        Product="product family (Windows); package (Linux), part of the row's key",
    ),
    *_times(PublishedDate="when it was published, where known"),
    *_strings(
        UpdateID="update GUID (Windows), part of the row's key",
        RevisionNumber="revision of the update (Windows)",
        KBID="numbers of the articles without KB, joined with ; (Windows)",
    ),
    *_bools(Optional="optional update; null on Linux", Approved="approved for installation; null on Linux"),
    *_strings(
        ApprovalSource="who approves: Microsoft Update, Windows Update, WSUS",
        MSRCSeverity="Critical, Important, Moderate, Low, or Unspecified where there is none (Windows)",
        MSRCBulletinID="bulletin (Windows)",
        RebootBehavior="NeverReboots, AlwaysRequiresReboot or CanRequestReboot (Windows)",
    ),
    *_columns(
        ColumnType.REAL,
        "seconds",
        InstallTimePredictionSeconds="predicted duration",
        InstallTimeDeviationRangeSeconds="deviation of the prediction",
    ),
    *_bools(InstallTimeAvailable="whether there is a prediction"),
    *_strings(
        ProductVersion="offered version (Linux)",
        ProductArch="architecture (Linux), part of the row's key",
        BulletinID="advisory (Linux)",
        BulletinUrl="addresses of advisories, joined with ;",
        CVENumbers="CVE identifiers, joined with ;",
        PackageRepository="origin and suite the version comes from (Linux)",
        PackageSeverity="the vendor's severity (Linux)",
        OSName="name of the system",
        OSVersion="version of the system",
        OSFullName="full name of the system",
        InstalledVersion="version that was installed before",
        ClassificationSource="what the class rests on",
    ),
    *_bools(IsInstallable="whether an ordinary upgrade would install it now; null when no longer needed"),
    *_strings(
        NotInstallableReason="held, phased, kept-back, needs-removals, pinned, …; empty if it is installable",
        NotInstallableDetail="the evidence for the reason",
    ),
    *_times(FirstSeen="when this machine was first seen to need this version"),
    *_columns(ColumnType.LONG, "bytes", SizeBytes="size of the download, null if unknown"),
    *_times(FleetFirstSeen="when any machine of this fleet was first seen to be offered this version"),
    *_strings(
        SourcePackage="the package it is built from, by which trackers know it; empty if unknown",
        CVESource="what CVENumbers rest on: the advisory's repository, or names of feeds, joined with ;",
        CVESeverity="highest severity of its CVEs by the feeds at the last scan; empty where no feed speaks",
    ),
    *_bools(KnownExploited="whether one of its CVEs is known to be exploited; null where no feed speaks of that"),
    *_bools(
        Hidden="whether somebody hid it on the machine (Windows)",
        Downloaded="whether it is downloaded there already (Windows)",
        Exclusive="whether it must be installed alone (Windows)",
        LicenceAccepted="whether its licence is accepted there (Windows)",
    ),
)

_SUMMARY = (
    *_strings(OSType="Linux or Windows"),
    *_ints(
        CriticalUpdatesMissing="critical updates missing",
        SecurityUpdatesMissing="security updates missing; null when security is unknown",
        OtherUpdatesMissing="other updates missing",
        TotalUpdatesMissing="all updates missing; null when unknown",
        OldestMissingSecurityUpdateInDays="days since the oldest missing security update was first seen",
    ),
    *_strings(OldestMissingSecurityUpdateBucket="Recent, 30 days ago, 60 days ago, … 180 days ago, Older"),
    *_bools(RestartPending="whether a restart is pending; null when unknown"),
    *_strings(
        WindowsUpdateSetting="automatic update setting (Windows)",
        WindowsUpdateAgentVersion="version of the agent (Windows)",
        WSUSServer="address of the WSUS server (Windows)",
        NETRuntimeVersion=".NET version (Windows)",
        OsVersion="version of the system",
    ),
    *_times(LastUpdateApplied="when an update was last applied, where known"),
    *_ints(
        UnclassifiedUpdatesMissing="missing updates whose class is unknown",
        NotInstallableMissing="missing updates that an ordinary upgrade would not install",
    ),
    *_strings(
        Coverage="complete, unclassified, security-unknown or unknown",
        RestartReason="why a restart is, or is not known to be, pending",
        EndOfLife="last day with security updates for everybody, as YYYY-MM-DD; empty if unknown",
        FixSources="feeds that name fixes for its release, separated by semicolons; empty if none did",
    ),
    *_ints(
        DefinitionUpdatesMissing="definition updates that are offered, which no other count has (Windows)",
        SetAsideUpdatesMissing="hidden and optional updates, drivers and upgrades, which no other count has (Windows)",
    ),
)

_RUN_PROGRESS = (
    *_strings(
        UpdateRunName="name of the deployment",
        CorrelationId="id of the run",
        InstallationStatus="NotStarted, InProgress, Succeeded, Failed, InstallFailed, MaintenanceWindowExceeded, "
        "NotIncluded or Excluded",
        UpdateId="update GUID (Windows)",
        KBID="number of the article without KB (Windows)",
        Title="title of the update; package and version (Linux)",
        Product="product family (Windows); package (Linux)",
        OSType="Linux or Windows",
    ),
    *_bools(SucceededOnRetry="whether it took more than one attempt"),
    *_strings(ErrorResult="error code or the package manager's message"),
    *_times(StartTime="when the step began", EndTime="when the step ended"),
    *_strings(
        ProductVersion="version that was to be installed (Linux)",
        ProductArch="architecture (Linux)",
        InstalledVersion="version before",
        Classification="class of the update",
        JobId="id of the job on the machine; empty if none was started",
        LogExcerpt="part of the package manager's log that shows what failed",
    ),
    *_ints(Wave="number of the machine's wave, 1 for the first"),
)

_HEARTBEAT = (
    *_strings(
        OSType="Linux or Windows",
        OSName="name of the system",
        OSMajorVersion="major version of the system",
        OSMinorVersion="minor version of the system",
        Version="version of Patchdeck",
        Category="how the machine was reached: Direct Agent in Azure; local, ssh, winrm here",
        SCAgentChannel="Direct",
        ComputerIP="address the machine was reached at",
        RemoteIPCountry="Azure only; empty here",
    ),
    *_columns(ColumnType.REAL, RemoteIPLatitude="Azure only; null here", RemoteIPLongitude="Azure only; null here"),
    *_columns(ColumnType.DYNAMIC, ComputerPrivateIPs="the machine's own addresses"),
    *_bools(IsGatewayInstalled="Azure only; null here"),
    *_strings(Solutions='quoted names, always "updates" here'),
)

_ASSESSMENT = (
    *_times(StartedAt="when the assessment began"),
    *_columns(ColumnType.REAL, "seconds", DurationSeconds="how long it took"),
    *_strings(
        BatchId="the scan that it was part of",
        OSType="Linux or Windows",
        Outcome="succeeded, incomplete or failed",
        Coverage="complete, unclassified, security-unknown or unknown",
        FailureKind="what stopped it; empty if nothing did",
        FailureText="what was tried, what came back and what to do; empty if nothing failed",
    ),
    *_ints(
        CriticalUpdatesMissing="critical updates missing; null when the assessment failed",
        SecurityUpdatesMissing="security updates missing; null when unknown",
        OtherUpdatesMissing="other updates missing; null when unknown",
        UnclassifiedUpdatesMissing="missing updates whose class is unknown; null when unknown",
        NotInstallableMissing="missing updates that an ordinary upgrade would not install; null when unknown",
    ),
    *_strings(RebootRequired="yes, no or unknown"),
    *_columns(ColumnType.DYNAMIC, Findings="what was noticed: a list of objects with kind, severity, text and remedy"),
    *_ints(
        DefinitionUpdatesMissing="definition updates that are offered, which no other count has (Windows)",
        SetAsideUpdatesMissing="hidden and optional updates, drivers and upgrades, which no other count has (Windows)",
    ),
)

_MACHINE = (
    *_strings(
        Address="address it is reached at; empty for this machine",
        Transport="local, ssh, winrm or scripted",
        UserName="user it is logged in with, where set",
        OSType="Linux or Windows, as the machine said",
        OSName="name of the system",
        OSVersion="version of the system",
        OSFullName="full name of the system",
        Kernel="running kernel",
        Architecture="architecture of the machine",
        PackageManager="package manager that was asked",
        MachineId="/etc/machine-id, or MachineGuid (Windows)",
        BootId="id of the running boot",
    ),
    *_columns(ColumnType.DYNAMIC, Tags="tags, an object"),
    *_bools(Enabled="whether it is assessed and patched", InScope="whether the scope allows touching it"),
    *_times(
        AddedAt="when it was enrolled",
        LastAssessed="end of the last assessment, failed or not",
        LastAnswered="end of the last assessment that it answered",
        BootedAt="when it was booted",
        MetadataAt="date of its newest package list",
    ),
    *_strings(
        LastOutcome="succeeded, incomplete or failed; empty if never assessed",
        Coverage="coverage of the last answer",
        FailureKind="why the last assessment failed; empty if it did not",
        FailureText="what was tried, what came back and what to do",
        RebootRequired="yes, no or unknown",
        RebootReason="why a reboot is, or is not known to be, required",
    ),
    *_ints(
        CriticalUpdatesMissing="critical updates missing at the last answer; null if never answered or unknown",
        SecurityUpdatesMissing="security updates missing at the last answer; null if never answered or unknown",
        OtherUpdatesMissing="other updates missing at the last answer; null if never answered or unknown",
        UnclassifiedUpdatesMissing="missing updates whose class is unknown; null if never answered or unknown",
        NotInstallableMissing="missing updates that an ordinary upgrade would not install; null if unknown",
    ),
    *_bools(Ready="whether nothing was found that would stop patching it; null if never assessed"),
    *_columns(ColumnType.REAL, "seconds", ClockSkewSeconds="its clock minus ours, positive when it is ahead"),
    *_columns(
        ColumnType.DYNAMIC, OtherUpdaters="other software that installs updates on it", Findings="what was noticed"
    ),
    *_columns(
        ColumnType.DYNAMIC,
        OtherUpdaterRuns="when each of them last ran, an object of name and time; only those where that is known",
        ServicesToRestart="services that still run what an update replaced; null where nothing tells",
        Disks="free and total bytes of /, /var and /boot: a list of objects",
    ),
    *_strings(
        UpdateModel="packages, rpm-ostree, transactional-update or bootc; empty if unknown",
        EndOfLife="last day with security updates for everybody, as YYYY-MM-DD; empty if unknown",
        EndOfLifeSource="who says so",
    ),
    *_columns(ColumnType.REAL, "seconds", UptimeSeconds="how long it had been up at the last answer"),
    *_ints(
        DefinitionUpdatesMissing="definition updates that are offered, which no other count has (Windows)",
        SetAsideUpdatesMissing="hidden and optional updates, drivers and upgrades, which no other count has (Windows)",
    ),
    *_strings(
        WindowsUpdateSetting="automatic update setting (Windows)",
        WindowsUpdateAgentVersion="version of the agent (Windows)",
        UpdateSource="where updates come from: Windows Update, Microsoft Update, WSUS (Windows)",
        WSUSServer="address of the WSUS server in use (Windows)",
        WSUSGroup="group of the machine on the WSUS, by its policy (Windows)",
        SearchWay="how the agent was asked: direct, or by a task of SYSTEM (Windows)",
        NETRuntimeVersion=".NET version (Windows)",
        PowerShellVersion="version of PowerShell that answered (Windows)",
        Domain="domain that it is in (Windows)",
        Edition="edition, as EditionID has it: ServerStandard, Professional (Windows)",
        InstallationType="Server, Server Core or Client (Windows)",
    ),
    *_times(
        LastSearched="when the agent last searched by itself (Windows)",
        LastUpdateApplied="when an update was last installed (Windows)",
    ),
)

_DEPLOYMENT_RUN = (
    *_strings(
        UpdateRunName="name of the deployment",
        CorrelationId="id of the run",
        Status="Waiting, InProgress, Paused, Succeeded, Failed or Cancelled",
        PlanHash="hash of the frozen plan",
        RebootPolicy="IfRequired, Always, Never or Only",
    ),
    *_columns(ColumnType.DYNAMIC, Settings="the deployment's settings, an object"),
    *_times(StartTime="when the run began", EndTime="when it ended; null while in progress"),
    *_columns(ColumnType.INT, "minutes", WindowMinutes="length of the maintenance window"),
    *_ints(
        MachinesTargeted="machines of the run",
        MachinesSucceeded="machines on which every update succeeded",
        MachinesFailed="machines on which something failed",
        MachinesNotAttempted="machines that were not attempted",
        MachinesUnreachable="of the failed ones, those that could not be reached",
        MachinesCancelled="machines that a cancellation ended early",
        Waves="number of waves",
    ),
    *_strings(
        Note="why it ended as it did, in one line",
        Requester="user who asked for it; schedule: the service, at its time",
        RequesterAddress="where that user's SSH session came from; empty if it did not",
        RequesterCommand="the command that asked for it",
    ),
    *_times(
        RequestedAt="when it was asked for",
        WindowOpens="when its maintenance window opened",
        WindowCloses="when its maintenance window closed",
    ),
)

_MACHINE_RUN = (
    *_strings(
        UpdateRunName="name of the deployment",
        CorrelationId="id of the run",
        OSType="Linux or Windows",
        Status="Succeeded, Failed, MaintenanceWindowExceeded, NotStarted, InProgress, Unreachable or Cancelled",
        ErrorResult="why it failed; empty if it did not",
    ),
    *_times(StartTime="when the machine's turn began", EndTime="when it ended"),
    *_columns(
        ColumnType.REAL,
        "seconds",
        AssessSeconds="time spent assessing",
        InstallSeconds="time spent installing",
        RebootSeconds="time until it was back; null without reboot",
    ),
    *_bools(Rebooted="whether it was rebooted"),
    *_strings(BootIdBefore="boot id before", BootIdAfter="boot id after"),
    *_ints(
        UpdatesSucceeded="updates installed",
        UpdatesFailed="updates that failed",
        UpdatesNotAttempted="updates not attempted",
        UpdatesLeftOut="updates that the rules or the machine left out",
        Wave="number of its wave, 1 for the first",
        Attempts="how often a job was started on it",
    ),
    *_strings(
        PackageManager="package manager that installed",
        PlanHash="hash of the run's frozen plan",
        JobId="id of the job on the machine; empty if none was started",
        Step="last step that was made",
        FailureKind="what stopped it; empty if nothing did",
        KernelBefore="kernel that ran before",
        KernelAfter="kernel that ran after",
    ),
    *_columns(ColumnType.DYNAMIC, Findings="what was noticed: a list of objects with kind, severity, text and remedy"),
    *_columns(ColumnType.LONG, "bytes", LogBytes="length of the package manager's log in the run's folder"),
)

_REPOSITORY = (
    *_strings(
        OSType="Linux or Windows",
        PackageManager="package manager that uses it",
        Repository="its name, the same on all machines that use the same repository",
    ),
    *_times(
        MadeAt="date of its metadata, by the repository's own word; null if unknown",
        FetchedAt="when the machine fetched them; null if unknown",
    ),
    *_bools(
        HasAdvisories="whether it tells security updates from others; null if unknown",
        IsFailing="whether it could not be used at the last answer",
    ),
)

_CVE = (
    *_times(TimeGenerated="when the feed was read"),
    *_strings(
        CVE="identifier: CVE-2026-12345",
        Feed="name of the feed",
        Severity="critical, high, medium, low or negligible; empty where the feed gives none",
        SeverityText="the feed's own word for it",
    ),
    *_columns(ColumnType.REAL, "CVSS points, 0 to 10", Score="base score; null where the feed gives none"),
    *_bools(KnownExploited="whether it is known to be exploited; null where the feed does not speak of that"),
    *_times(
        PublishedAt="when it was published, where the feed says so",
        ExploitedSince="when it was added to the list of those exploited",
        DueAt="by when it must be mended, by that list",
    ),
    *_strings(Title="what it is, in one line", Url="page about it", Type="the name of the table"),
)

_MISSING_FIX = (
    *_strings(
        OSType="Linux or Windows",
        CVE="identifier",
        Product="package that has it",
        ProductArch="architecture of the package",
        InstalledVersion="installed version, which has it",
        FixedVersion="first version without it, where known",
        OfferedVersion="version that the machine's repositories offer and that mends it; empty if they offer none",
        Source="what says so: the advisory, or the name of the feed",
        BulletinID="advisories, joined with ;",
        NotInstallableReason="why an ordinary upgrade would not install the fix; empty if it would",
    ),
    *_bools(IsOffered="whether the machine's repositories offer the fix"),
    *_times(FirstSeen="when this machine was first seen to lack it"),
)

_ALERT = (
    *_strings(
        AlertId="the same from when it opens until it is resolved",
        AlertName="name of the rule",
        AlertSeverity="Critical, Error, Warning or Informational",
        AlertState="Opened, Repeated, Acknowledged or Resolved: what this row tells",
        AlertDescription="what was found, in one line",
        AlertKey="what it is about within the rule: a machine, a deployment, a run; empty for the whole fleet",
        RuleKind="DeploymentRuns, MachineRuns or Query",
    ),
    *_columns(
        ColumnType.REAL,
        Value="what was measured; null where nothing is any more",
        Threshold="what it was measured against",
    ),
    *_times(TimeRaised="when it opened"),
    *_strings(
        Channels="channels that are told of it, joined with ;",
        Caller="who acknowledged it; empty for what the service did",
        Note="what was said on acknowledging it",
    ),
    *_columns(ColumnType.LONG, Sequence="number of the row in the order in which things happened"),
)

_AUDIT = (
    *_columns(ColumnType.LONG, Sequence="number of the entry in the audit"),
    *_strings(
        OperationName="what was done: machine.edit, deployment.run",
        Target="what it was done to, by its name at that time",
        Caller="user who did it; in brackets the one who became that user with sudo",
        CallerIpAddress="the address that their SSH session came from; empty if it did not",
        Command="the command that did it",
        Before="what it was before, JSON; empty where there was nothing",
        After="what it was afterwards, JSON; empty where nothing is left",
        Hash="SHA-256 over the entry and the hash of the one before it",
        SshClient="what their SSH session said of itself: address and ports",
    ),
    *_columns(
        ColumnType.DYNAMIC,
        Origin="whose process it was: numbers of its user and login, terminal, host; null where that is not known",
    ),
)

UPDATE = Table(
    "Update",
    TableKind.CURRENT,
    "What each machine needs now, from its last whole scan.",
    (*_COMMON, *_UPDATE),
    ("Computer", "UpdateID", "Product", "ProductArch"),
)
UPDATE_HISTORY = Table(
    "UpdateHistory",
    TableKind.HISTORY,
    "Every change of an update's state on a machine: needed, installed, no longer needed.",
    (*_COMMON, *_UPDATE, LOADED_AT, DAY),
    ("Computer", "UpdateID", "Product", "ProductArch", "TimeGenerated"),
)
UPDATE_SUMMARY = Table(
    "UpdateSummary",
    TableKind.HISTORY,
    "One row for each scan that a machine answered.",
    (*_COMMON, *_SUMMARY, DAY),
    ("Computer", "TimeGenerated"),
)
UPDATE_RUN_PROGRESS = Table(
    "UpdateRunProgress",
    TableKind.HISTORY,
    "One row for each step of each update on each machine of a run.",
    (*_COMMON, *_RUN_PROGRESS, DAY),
    ("CorrelationId", "Computer", "Product", "TimeGenerated"),
)
HEARTBEAT = Table(
    "Heartbeat",
    TableKind.HISTORY,
    "One row each time a machine answered.",
    (*_COMMON, *_HEARTBEAT, DAY),
    ("Computer", "TimeGenerated"),
)
ASSESSMENT = Table(
    "Assessment",
    TableKind.HISTORY,
    "One row for each assessment, failed ones too.",
    (*_COMMON, *_ASSESSMENT, DAY),
    ("Computer", "TimeGenerated"),
)
MACHINE = Table(
    "Machine",
    TableKind.CURRENT,
    "One row for each enrolled machine: what is known of it now.",
    (*_COMMON, *_MACHINE),
    ("Computer",),
)
DEPLOYMENT_RUN = Table(
    "DeploymentRun",
    TableKind.HISTORY,
    "One row for each run of a deployment.",
    (*_COMMON, *_DEPLOYMENT_RUN, DAY),
    ("CorrelationId", "TimeGenerated"),
)
MACHINE_RUN = Table(
    "MachineRun",
    TableKind.HISTORY,
    "One row for each machine of a run.",
    (*_COMMON, *_MACHINE_RUN, DAY),
    ("CorrelationId", "Computer"),
)

REPOSITORY = Table(
    "Repository",
    TableKind.CURRENT,
    "The repositories that each machine uses, from its last answer.",
    (*_COMMON, *_REPOSITORY),
    ("Computer", "Repository"),
)
CVE = Table(
    "Cve",
    TableKind.CURRENT,
    "What the feeds say of each CVE: one row for each feed that speaks of it.",
    _CVE,
    ("CVE", "Feed"),
)
MISSING_FIX = Table(
    "MissingFix",
    TableKind.CURRENT,
    "Fixes that a machine lacks: a CVE, the package that has it, and whether its repositories offer the fix.",
    (*_COMMON, *_MISSING_FIX),
    ("Computer", "CVE", "Product", "ProductArch"),
)
ALERT = Table(
    "Alert",
    TableKind.HISTORY,
    "What became of alerts: one row each time that one opened, was repeated, acknowledged or resolved.",
    (*_COMMON, *_ALERT, DAY),
    ("Sequence",),
)
AUDIT = Table(
    "Audit",
    TableKind.HISTORY,
    "Who did what, when and from where: one row for each deed, chained to the one before it.",
    (*_COMMON, *_AUDIT, DAY),
    ("Sequence",),
)

TABLES: tuple[Table, ...] = (
    UPDATE,
    UPDATE_HISTORY,
    UPDATE_SUMMARY,
    UPDATE_RUN_PROGRESS,
    HEARTBEAT,
    ASSESSMENT,
    MACHINE,
    DEPLOYMENT_RUN,
    MACHINE_RUN,
    REPOSITORY,
    CVE,
    MISSING_FIX,
    ALERT,
    AUDIT,
)


def find_table(name: str, tables: Iterable[Table] = TABLES) -> Table:
    """The table called ``name``, whatever the case.

    Raises:
        UnknownName: no table has that name.
    """
    by_folded = {table.name.casefold(): table for table in tables}
    if name.casefold() not in by_folded:
        raise UnknownName("table", name, (table.name for table in by_folded.values()))
    return by_folded[name.casefold()]
