"""The JSON of the scripts `assess` and `assess_follow`, as dataclasses whose fields are the keys of the JSON.

None is what a machine did not say, or what could not be read. `assess` answers a `MachineAnswer`, with the keys of a
`FoundAnswer` beside its own where the login was allowed to search; otherwise ``task`` tells that SYSTEM searches now.
Then `assess_follow` is asked, a `FollowAnswer` each time, until the task's file is there, which holds a `FoundAnswer`.
"""

from dataclasses import dataclass
from datetime import datetime

SCHEMA = 1
# OperationResultCode of the agent.
SUCCEEDED, SUCCEEDED_WITH_WARNINGS = 2, 3


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """A service by its own name (``wuauserv``); ``state`` and ``start_type`` in .NET's words (Running, Disabled)."""

    name: str = ""
    state: str = ""
    start_type: str = ""


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """What went wrong on the way. ``hresult`` is ``0x`` and eight digits; ``line`` is that of the script."""

    stage: str = ""
    hresult: str = ""
    message: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class WarningAnswer:
    """What a search warned of; ``context`` is the number of UpdateExceptionContext."""

    hresult: str = ""
    context: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class ComputerAnswer:
    """The system. ``version`` is ``10.0.20348``, ``build`` has the revision behind it: ``20348.2700``.

    ``product_type``: 1 workstation, 2 domain controller, 3 server. ``net_release`` is the number that .NET 4 keeps.
    """

    name: str = ""
    fqdn: str = ""
    domain: str = ""
    is_in_domain: bool | None = None
    caption: str = ""
    version: str = ""
    build: str = ""
    display_version: str = ""
    edition: str = ""
    installation_type: str = ""
    product_type: int | None = None
    language: str = ""
    last_boot_utc: datetime | None = None
    powershell: str = ""
    language_mode: str = ""
    architecture: str = ""
    machine_guid: str = ""
    system_uuid: str = ""
    net_release: int | None = None
    addresses: tuple[str, ...] = ()
    system_drive: str = ""
    free_bytes: int | None = None
    total_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """The Windows Update agent and the services that it needs."""

    wuapi_version: str = ""
    services: tuple[ServiceAnswer, ...] = ()
    last_search_utc: datetime | None = None
    last_install_utc: datetime | None = None
    servicing_in_progress: int | None = None


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """Where updates come from, and what policies say; all of it from the registry.

    ``au_options`` and what follows it are those of the policy, ``own_au_options`` is what a person set where there is
    none. The pauses end at the times given.
    """

    wu_server: str = ""
    wu_status_server: str = ""
    use_wu_server: int | None = None
    target_group: str = ""
    disable_access: int | None = None
    no_internet_locations: int | None = None
    exclude_drivers: int | None = None
    defer_quality_days: int | None = None
    defer_feature_days: int | None = None
    pause_quality_until_utc: datetime | None = None
    pause_feature_until_utc: datetime | None = None
    target_release: str = ""
    au_options: int | None = None
    own_au_options: int | None = None
    no_auto_update: int | None = None
    scheduled_install_day: int | None = None
    scheduled_install_time: int | None = None
    always_auto_reboot: int | None = None
    no_auto_reboot_with_users: int | None = None
    active_hours_start: int | None = None
    active_hours_end: int | None = None
    service_id: str = ""
    service_name: str = ""


@dataclass(frozen=True, slots=True)
class RebootAnswer:
    """``reasons``: windows_update, cbs, cbs_packages, file_rename, rename, wua. ``wua_asked``: by the task alone."""

    required: bool | None = None
    reasons: tuple[str, ...] = ()
    wua_asked: bool | None = None


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The search as it was made. ``result_code``: 2 whole, 3 with warnings, 4 failed, 5 aborted."""

    criteria: str = ""
    server_selection: int | None = None
    service_id: str = ""
    result_code: int | None = None
    count: int | None = None
    warnings: tuple[WarningAnswer, ...] = ()
    online: bool | None = None
    elapsed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CategoryAnswer:
    """A category of an update, of classes and of products; the name is in the machine's language."""

    id: str = ""
    name: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class BundledAnswer:
    """An update within an update."""

    id: str = ""
    kb: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateAnswer:
    """One update as the agent has it. ``superseded`` are those among the found ones that it takes the place of."""

    id: str = ""
    revision: int | None = None
    title: str = ""
    kb: tuple[str, ...] = ()
    cve: tuple[str, ...] = ()
    bulletins: tuple[str, ...] = ()
    severity: str | None = None
    categories: tuple[CategoryAnswer, ...] = ()
    type: int | None = None
    deployment_action: int | None = None
    is_downloaded: bool | None = None
    is_hidden: bool | None = None
    is_mandatory: bool | None = None
    is_present: bool | None = None
    browse_only: bool | None = None
    auto_select: bool | None = None
    eula_accepted: bool | None = None
    reboot_behavior: int | None = None
    can_request_user_input: bool | None = None
    requires_network: bool | None = None
    impact: int | None = None
    max_download_bytes: int | None = None
    min_download_bytes: int | None = None
    last_deployment_change_utc: datetime | None = None
    deadline_utc: datetime | None = None
    superseded: tuple[str, ...] = ()
    bundled: tuple[BundledAnswer, ...] = ()
    support_url: str = ""


@dataclass(frozen=True, slots=True)
class InstalledAnswer:
    """One update that the agent counts as installed; ``last_deployment_change_utc`` as `UpdateAnswer` has it."""

    id: str = ""
    title: str = ""
    kb: tuple[str, ...] = ()
    last_deployment_change_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryAnswer:
    """One entry of the agent's history. ``operation``: 1 installed, 2 removed. ``result_code``: as of a search."""

    date_utc: datetime | None = None
    operation: int | None = None
    result_code: int | None = None
    hresult: str = ""
    title: str = ""
    update_id: str = ""


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """What a search gave, by whoever it was made. ``installed`` None: that could not be asked."""

    search: SearchAnswer
    updates: tuple[UpdateAnswer, ...] = ()
    installed: tuple[InstalledAnswer, ...] | None = None
    history: tuple[HistoryAnswer, ...] = ()
    reboot_required: bool | None = None
    wua_asked: bool | None = None
    errors: tuple[ErrorAnswer, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether the search came to an end, be it with warnings."""
        return self.search.result_code in (SUCCEEDED, SUCCEEDED_WITH_WARNINGS)


@dataclass(frozen=True, slots=True)
class TaskAnswer:
    """Whether SYSTEM searches: ``state`` is started or refused, empty where nobody asked it to."""

    state: str = ""
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class MachineAnswer:
    """What the script `assess` answers. ``method`` is direct or task, how the search was made or is being made.

    ``found`` is made of the keys beside it; None where there is no answer yet, or none at all: then ``errors`` say why.
    """

    schema: int
    ok: bool
    method: str = ""
    collected_utc: datetime | None = None
    elapsed_ms: int | None = None
    script_sha: str = ""
    is_admin: bool | None = None
    logon_type: str = ""
    computer: ComputerAnswer = ComputerAnswer()
    agent: AgentAnswer = AgentAnswer()
    source: SourceAnswer = SourceAnswer()
    reboot: RebootAnswer = RebootAnswer()
    task: TaskAnswer = TaskAnswer()
    found: FoundAnswer | None = None
    errors: tuple[ErrorAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class FollowAnswer:
    """What the script `assess_follow` answers: ``state`` is running, done, failed or gone.

    ``result`` is base64 of the task's own JSON, a `FoundAnswer`, once it is done; ``task_result`` how the task ended.
    """

    schema: int
    run_id: str = ""
    state: str = ""
    task_state: int | None = None
    task_result: str = ""
    result: str = ""
    errors: tuple[ErrorAnswer, ...] = ()
