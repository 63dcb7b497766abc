"""Settings, from `config.toml` in the home. Each is declared once, as a field of `Settings`: docs and errors follow."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

from fleet.errors import PatchdeckError
from fleet.listening import check_textfile, parse_listen, parse_open_listen
from ops.config_file import checked, given_in, read_config_text
from ops.home import Home
from ops.setting import About, Setting, Value


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force. The field ``assess_concurrency`` is ``concurrency`` in the section ``[assess]``.

    A setting that is None where nothing is configured is chosen by Patchdeck itself.
    """

    tables: Annotated[
        str | None,
        About(
            "where the tables lie, as in s3://BUCKET/PREFIX; by default in the home. Credentials are never set here: "
            "see [tables in object storage](object-storage.md)"
        ),
    ] = None
    assess_concurrency: Annotated[
        int | None,
        About("machines assessed at once; by default as many as cores and open files allow", "machines", 1, 10_000),
    ] = None
    assess_workers: Annotated[
        int | None,
        About(
            "processes that reach machines together; by default one a core where there are machines enough", "", 1, 64
        ),
    ] = None
    assess_deadline_seconds: Annotated[float, About("how long one machine may take", "seconds", 1, 86_400)] = 120.0
    assess_windows_deadline_seconds: Annotated[
        float,
        About(
            "how long a Windows machine may take, whose search lasts minutes where much is missing",
            "seconds",
            1,
            86_400,
        ),
    ] = 900.0
    assess_max_output_mib: Annotated[int, About("how much one machine may print", "MiB", 1, 1024)] = 32
    store_wait_seconds: Annotated[
        float, About("how long to wait while another process writes the tables", "seconds", 0, 3600)
    ] = 30.0
    storage_endpoint: Annotated[
        str | None,
        About("URL of the store, where it is not Amazon's; by default that of the usual AWS variables"),
    ] = None
    storage_region: Annotated[
        str | None, About("region of the bucket; by default that of the usual AWS variables or the profile")
    ] = None
    storage_profile: Annotated[
        str | None, About("profile in ~/.aws whose key is used; by default that of the usual AWS variables")
    ] = None
    storage_machine_role: Annotated[
        bool, About("whether the role of this machine is used where there are no other credentials")
    ] = False
    storage_allow_http: Annotated[bool, About("whether the endpoint may be http, without encryption")] = False
    storage_request_seconds: Annotated[float, About("how long the store may take to answer", "seconds", 1, 600)] = 15.0
    storage_connections: Annotated[int, About("how many requests queries send at once", "requests", 1, 64)] = 8
    query_row_limit: Annotated[int, About("how many rows a query may give", "rows", 1)] = 100_000
    query_time_limit_seconds: Annotated[float, About("how long a query may take", "seconds", 0.1, 86_400)] = 60.0
    query_memory_mib: Annotated[
        int, About("how much memory a query may take before it spills", "MiB", 64, 16_000_000)
    ] = 1024
    query_spill_mib: Annotated[
        int, About("how much disk a query may use beside its memory", "MiB", 0, 1_000_000_000)
    ] = 4096
    secrets_identity_file: Annotated[
        str | None,
        About("identity of age that decrypts the home's secrets; by default the home's own, behind a passphrase"),
    ] = None
    secrets_unlock_command: Annotated[
        tuple[str, ...],
        About(
            "program with its arguments whose first line unlocks the home's secrets, a passphrase or an identity of "
            'age: ["pass", "show", "patchdeck"]'
        ),
    ] = ()
    service_assess: Annotated[bool, About("whether the background service assesses machines on schedule")] = True
    service_assess_linux_minutes: Annotated[
        int,
        About("how often the service assesses a Linux machine, and one of an unknown system", "minutes", 1, 527_040),
    ] = 60
    service_assess_windows_minutes: Annotated[
        int, About("how often the service assesses a Windows machine", "minutes", 1, 527_040)
    ] = 720
    service_assess_every: Annotated[
        tuple[str, ...],
        About(
            "how often the service assesses the machines of a target, in minutes or never; the first that names a "
            'machine decides: ["tag:ring=canary 15", "lab-* never"]'
        ),
    ] = ()
    service_refresh_hours: Annotated[
        float,
        About(
            "how often the service has a machine fetch its package lists, which needs root there; 0: it uses those "
            "that the machine has",
            "hours",
            0,
            8_784,
        ),
    ] = 0.0
    service_runs_at_once: Annotated[int, About("runs of deployments worked on at once", "runs", 1, 1000)] = 8
    service_upkeep_hours: Annotated[
        float,
        About("how often the service joins the small files of tables and removes what is old", "hours", 0.1, 8_784),
    ] = 1.0
    service_runs_kept_days: Annotated[
        float, About("how long the folder of a run that is over is kept: its logs and events", "days", 1, 36_600)
    ] = 365.0
    approvals_needed: Annotated[
        int,
        About(
            "how many others must approve the plan of every run, also where its deployment asks fewer", "people", 0, 20
        ),
    ] = 0
    approvals_hours: Annotated[
        float, About("how long the approval of a plan holds, where nothing else ends it", "hours", 0.1, 8_784)
    ] = 72.0
    metrics_textfile: Annotated[
        str | None,
        About(
            "file of metrics that the service writes each minute for node_exporter's textfile collector, as in "
            "/var/lib/prometheus/node-exporter/patchdeck.prom; by default none",
            check=check_textfile,
        ),
    ] = None
    metrics_listen: Annotated[
        str | None,
        About(
            "where the service serves metrics for Prometheus, on this host only, as in 127.0.0.1:9464 or "
            "/run/patchdeck/metrics.sock; by default nowhere",
            check=parse_listen,
        ),
    ] = None
    metrics_groups: Annotated[
        tuple[str, ...], About("groups that have metrics of their own, by names or globs; the first 100 of them")
    ] = ("*",)
    metrics_machines: Annotated[
        tuple[str, ...],
        About(
            'machines that have metrics of their own, by targets: ["tag:env=prod", "db-*"]; the first 10,000 of them'
        ),
    ] = ()
    retention_update_history_days: Annotated[
        int, About("how long rows of UpdateHistory are kept; 0: for ever", "days", 0, 36_600)
    ] = 731
    retention_update_summary_days: Annotated[
        int, About("how long rows of UpdateSummary are kept; 0: for ever", "days", 0, 36_600)
    ] = 731
    retention_heartbeat_days: Annotated[
        int, About("how long rows of Heartbeat are kept; 0: for ever", "days", 0, 36_600)
    ] = 731
    retention_assessment_days: Annotated[
        int, About("how long rows of Assessment are kept; 0: for ever", "days", 0, 36_600)
    ] = 731
    retention_update_run_progress_days: Annotated[
        int, About("how long rows of UpdateRunProgress are kept; 0: for ever", "days", 0, 36_600)
    ] = 0
    retention_deployment_run_days: Annotated[
        int, About("how long rows of DeploymentRun are kept; 0: for ever", "days", 0, 36_600)
    ] = 0
    retention_machine_run_days: Annotated[
        int, About("how long rows of MachineRun are kept; 0: for ever", "days", 0, 36_600)
    ] = 0
    retention_alert_days: Annotated[int, About("how long rows of Alert are kept; 0: for ever", "days", 0, 36_600)] = 731
    retention_audit_days: Annotated[int, About("how long rows of Audit are kept; 0: for ever", "days", 0, 36_600)] = 0
    messages_give_up_hours: Annotated[
        float, About("how long the delivery of a message is tried again before it has failed", "hours", 0.01, 8_784)
    ] = 24.0
    messages_kept_days: Annotated[
        int, About("how long messages, and what came of their delivery, are kept; 0: for ever", "days", 0, 36_600)
    ] = 90
    messages_at_once: Annotated[int, About("channels that are served at once", "channels", 1, 100)] = 8
    serve_listen: Annotated[
        str,
        About(
            "where `patchdeck serve-ssh` listens, as in 127.0.0.1:8022, [::1]:8022, or *:8022 for all addresses",
            check=parse_open_listen,
        ),
    ] = "127.0.0.1:8022"
    serve_sessions: Annotated[int, About("sessions over SSH that may be open at once", "sessions", 1, 1000)] = 32
    serve_sessions_of_one: Annotated[
        int, About("sessions over SSH that one login may have open at once", "sessions", 1, 1000)
    ] = 4
    serve_idle_minutes: Annotated[
        float,
        About("how long a session over SSH stays open while nothing is typed; 0: for ever", "minutes", 0, 10_080),
    ] = 60.0
    serve_login_seconds: Annotated[
        float, About("how long somebody who connects over SSH has to log in", "seconds", 1, 600)
    ] = 30.0
    serve_strangers: Annotated[
        int, About("connections over SSH that may be open without having logged in", "connections", 1, 1000)
    ] = 32
    serve_strangers_of_one: Annotated[
        int, About("those of them that may come from one address", "connections", 1, 1000)
    ] = 8
    app_theme: Annotated[
        str | None,
        About("colours of the app, for example patchdeck-light or ansi-dark; by default as the terminal can"),
    ] = None
    app_ascii: Annotated[
        bool, About("whether the app draws with ASCII alone, for terminals that show nothing else")
    ] = False
    app_name: Annotated[
        str | None,
        About("what this home is called, as in production: told by verbs that change something, and on every screen"),
    ] = None
    app_colour: Annotated[
        str | None, About("colour of that name", choices=("red", "yellow", "green", "cyan", "blue", "magenta"))
    ] = None
    app_start: Annotated[str, About("the view that the app begins with", choices=("machines", "overview"))] = "machines"


# By the file: what this process last read from it.
_LAST_USABLE: dict[Path, Settings] = {}


def list_settings() -> tuple[Setting, ...]:
    """Every setting, in the order they are declared."""
    hints = get_type_hints(Settings, include_extras=True)
    defaults = Settings()
    return tuple(
        _describe(name, hints[name], getattr(defaults, name)) for name in (field.name for field in fields(Settings))
    )


def load_settings(home: Home) -> Settings:
    """The settings of ``home``; the defaults where its config.toml says nothing or is missing.

    Raises:
        BadInput: a key that is no setting, a value that does not fit, or a file that is not TOML; names file and line.
        HomeUnusable: the file cannot be read.
    """
    settings = _load(home.config_file)
    _LAST_USABLE[home.config_file] = settings
    return settings


def last_usable_settings(home: Home) -> Settings:
    """As `load_settings`; where they cannot be used, those that this process last could use.

    For what goes on while somebody edits the file: a scan that came in is stored where the scans before it were.
    """
    try:
        return load_settings(home)
    except PatchdeckError:
        if home.config_file not in _LAST_USABLE:
            raise
        return _LAST_USABLE[home.config_file]


def _load(path: Path) -> Settings:
    text = read_config_text(path)
    return Settings() if text is None else read_settings(path, text)


def read_settings(path: Path, text: str) -> Settings:
    """The settings that ``text``, which was read from ``path``, says.

    Raises:
        BadInput: see `load_settings`.
    """
    known = {setting.name: setting for setting in list_settings()}
    values: dict[str, Value] = {}
    for given in given_in(path, text, known):
        value = checked(given, known)
        values[known[given.name].field_name] = value
    return Settings(**values)  # type: ignore[arg-type]  # checked gives the type that the field declares


def _describe(field_name: str, hint: object, default: Value) -> Setting:
    annotated, about = get_args(hint)
    kinds = [kind for kind in (get_args(annotated) or (annotated,)) if kind is not type(None)]
    kind = tuple if get_origin(annotated) is tuple else kinds[0]
    return Setting(field_name.replace("_", ".", 1), field_name, kind, default, about)
