"""Every metric, declared once: docs/metrics.md and the tests go by this list."""

from fleet.metrics import Metric, MetricType

_GAUGE, _COUNTER = MetricType.GAUGE, MetricType.COUNTER
_SYSTEM = ("os", "system")

BUILD_INFO = Metric("patchdeck_build_info", _GAUGE, "Always 1; says which Patchdeck wrote this.", ("version",))
WRITTEN = Metric(
    "patchdeck_written_timestamp_seconds",
    _GAUGE,
    "When these metrics were gathered; when it is old, the service is down or cannot gather them.",
)
GATHERING = Metric("patchdeck_gathering_seconds", _GAUGE, "How long gathering these metrics took.")
PART_SUCCESS = Metric(
    "patchdeck_part_success",
    _GAUGE,
    "Whether this part of the metrics could be gathered; else it is missing.",
    ("part",),
)
LEFT_OUT = Metric(
    "patchdeck_left_out",
    _GAUGE,
    "How many groups, machines and so on have no metrics of their own because there are too many.",
    ("what",),
)

SERVICE_RUNNING = Metric("patchdeck_service_running", _GAUGE, "Whether a service works for the home.")
SERVICE_STARTED = Metric("patchdeck_service_start_timestamp_seconds", _GAUGE, "When the service began.")
SERVICE_SEEN = Metric("patchdeck_service_seen_timestamp_seconds", _GAUGE, "When the service last said that it lives.")
SERVICE_TROUBLES = Metric(
    "patchdeck_service_troubles", _GAUGE, "What the service cannot do, as in `service status`, by duty.", ("duty",)
)
DUTY_DONE = Metric(
    "patchdeck_duty_done_timestamp_seconds", _GAUGE, "When the service last finished this duty.", ("duty",)
)

MACHINES = Metric(
    "patchdeck_machines",
    _GAUGE,
    "Enrolled machines by compliance; every machine is in one sample.",
    (*_SYSTEM, "compliance"),
)
MACHINES_COUNTED = Metric(
    "patchdeck_machines_counted",
    _GAUGE,
    "Machines in scope whose last answer said which updates of the class are missing, and that there are no others.",
    (*_SYSTEM, "classification"),
)
MISSING_UPDATES = Metric(
    "patchdeck_missing_updates",
    _GAUGE,
    "Updates known to be missing by the machines' last answers, each counted on each machine in scope.",
    (*_SYSTEM, "classification"),
)
MACHINES_MISSING = Metric(
    "patchdeck_machines_missing",
    _GAUGE,
    "Machines in scope that are known to miss at least one update of the class.",
    (*_SYSTEM, "classification"),
)
NOT_INSTALLABLE = Metric(
    "patchdeck_missing_updates_not_installable",
    _GAUGE,
    "Those of the missing updates that an ordinary upgrade would not install.",
    _SYSTEM,
)
NOT_COUNTED = Metric(
    "patchdeck_updates_not_counted",
    _GAUGE,
    "Updates that Windows machines in scope are offered and that no count of missing ones has: definitions, and what is"
    " set aside (hidden, optional, drivers, upgrades).",
    (*_SYSTEM, "kind"),
)
REBOOT_REQUIRED = Metric(
    "patchdeck_machines_reboot_required",
    _GAUGE,
    "Machines in scope by whether they need a reboot: yes, no or unknown.",
    (*_SYSTEM, "answer"),
)
NOT_READY = Metric(
    "patchdeck_machines_not_ready",
    _GAUGE,
    "Machines in scope that answered, and where something was found that stops patching.",
    _SYSTEM,
)
FAILING = Metric(
    "patchdeck_machines_failing",
    _GAUGE,
    "Machines in scope whose last assessment failed, by what stopped it.",
    ("kind",),
)
SUPPORT = Metric(
    "patchdeck_machines_support",
    _GAUGE,
    "Machines in scope by the security support of their system: supported, ending within 90 days, ended or unknown.",
    ("support",),
)
OLDEST_ANSWER = Metric(
    "patchdeck_oldest_answer_timestamp_seconds",
    _GAUGE,
    "When that machine in scope answered whose last answer is the oldest; those that never answered do not count.",
    ("os",),
)
NEWEST_ANSWER = Metric(
    "patchdeck_newest_answer_timestamp_seconds", _GAUGE, "When a machine in scope last answered.", ("os",)
)

GROUP_EVALUATED = Metric(
    "patchdeck_group_evaluated",
    _GAUGE,
    "Whether the group could be evaluated; else it has no other metrics.",
    ("group",),
)
GROUP_UNSURE = Metric(
    "patchdeck_group_machines_unsure",
    _GAUGE,
    "Machines of which it is not known whether they are in the group.",
    ("group",),
)
GROUP_MACHINES = Metric(
    "patchdeck_group_machines", _GAUGE, "Machines of the group by compliance.", ("group", "compliance")
)
GROUP_COUNTED = Metric(
    "patchdeck_group_machines_counted",
    _GAUGE,
    "As patchdeck_machines_counted, over the machines of the group.",
    ("group", "classification"),
)
GROUP_MISSING_UPDATES = Metric(
    "patchdeck_group_missing_updates",
    _GAUGE,
    "As patchdeck_missing_updates, over the machines of the group.",
    ("group", "classification"),
)
GROUP_REBOOT_REQUIRED = Metric(
    "patchdeck_group_machines_reboot_required",
    _GAUGE,
    "As patchdeck_machines_reboot_required, over the machines of the group.",
    ("group", "answer"),
)

MACHINE_INFO = Metric(
    "patchdeck_machine_info", _GAUGE, "Always 1; what the machine is.", ("machine", *_SYSTEM, "compliance")
)
MACHINE_ANSWERED = Metric(
    "patchdeck_machine_answered_timestamp_seconds", _GAUGE, "When the machine last answered.", ("machine",)
)
MACHINE_MISSING_UPDATES = Metric(
    "patchdeck_machine_missing_updates",
    _GAUGE,
    "Updates known to be missing by the machine's last answer; no sample where that is not known.",
    ("machine", "classification"),
)
MACHINE_REBOOT_REQUIRED = Metric(
    "patchdeck_machine_reboot_required",
    _GAUGE,
    "Whether the machine needs a reboot; no sample if unknown.",
    ("machine",),
)
MACHINE_BOOTED = Metric(
    "patchdeck_machine_boot_timestamp_seconds", _GAUGE, "When the machine was booted.", ("machine",)
)
MACHINE_DISK_FREE = Metric(
    "patchdeck_machine_disk_free_bytes",
    _GAUGE,
    "Free space where updates go, at the machine's last answer.",
    ("machine", "path"),
)

RUNS_OPEN = Metric("patchdeck_runs", _GAUGE, "Runs of deployments that are not over.", ("status",))
RUNS_UNAPPROVED = Metric(
    "patchdeck_runs_unapproved", _GAUGE, "Runs that are not over and lack approvals that they need to begin."
)
RUNS_OVER = Metric(
    "patchdeck_runs_total", _COUNTER, "Runs of deployments that are over, by how they ended.", ("status",)
)
MACHINE_RUNS_OPEN = Metric("patchdeck_machine_runs", _GAUGE, "Machines of the runs that are not over.", ("status",))
MACHINE_RUNS_OVER = Metric(
    "patchdeck_machine_runs_total", _COUNTER, "Machines of the runs that are over, by how it went.", ("status",)
)
STARTS = Metric(
    "patchdeck_starts_total",
    _COUNTER,
    "Starts of schedules: those of which a run was made, and skipped ones.",
    ("outcome",),
)
DEPLOYMENT_ENABLED = Metric(
    "patchdeck_deployment_enabled", _GAUGE, "Whether the deployment is enabled.", ("deployment",)
)
DEPLOYMENT_NEXT_START = Metric(
    "patchdeck_deployment_next_start_timestamp_seconds",
    _GAUGE,
    "When the deployment's schedule starts it next; no sample where it does not.",
    ("deployment",),
)
DEPLOYMENT_LAST_ENDED = Metric(
    "patchdeck_deployment_last_run_end_timestamp_seconds",
    _GAUGE,
    "When the last run of the deployment that is over ended.",
    ("deployment",),
)
DEPLOYMENT_LAST_SUCCEEDED = Metric(
    "patchdeck_deployment_last_run_succeeded", _GAUGE, "Whether that run succeeded.", ("deployment",)
)
DEPLOYMENT_LAST_MACHINES = Metric(
    "patchdeck_deployment_last_run_machines", _GAUGE, "Machines of that run, by how it went.", ("deployment", "status")
)

ALERTS_OPEN = Metric(
    "patchdeck_alerts_open",
    _GAUGE,
    "Open alerts of each rule, by whether somebody has acknowledged them.",
    ("rule", "severity", "acknowledged"),
)
RULE_EVALUATED = Metric(
    "patchdeck_alert_rule_evaluated",
    _GAUGE,
    "Whether the rule, which is enabled, can be evaluated, as far as its alerts say.",
    ("rule",),
)
DELIVERIES = Metric(
    "patchdeck_deliveries", _GAUGE, "Messages that are kept, by channel and what became of them.", ("channel", "status")
)
OLDEST_WAITING = Metric(
    "patchdeck_oldest_waiting_delivery_timestamp_seconds",
    _GAUGE,
    "When the oldest message was written that still waits for its channel.",
    ("channel",),
)
CHANNEL_FAILING = Metric(
    "patchdeck_channel_failing",
    _GAUGE,
    "Whether the channel, which is on, could not deliver the last message that it is done with.",
    ("channel",),
)
AUDIT_ENTRIES = Metric("patchdeck_audit_entries_total", _COUNTER, "Entries of the audit.")
AUDIT_NEWEST = Metric("patchdeck_audit_newest_timestamp_seconds", _GAUGE, "When the last entry of the audit was made.")

FEED_READ = Metric("patchdeck_feed_read_timestamp_seconds", _GAUGE, "When the feed was last read whole.", ("feed",))
FEED_FAILING = Metric("patchdeck_feed_failing", _GAUGE, "Whether the last try to read the feed failed.", ("feed",))
SOURCE_READ = Metric(
    "patchdeck_source_read_timestamp_seconds", _GAUGE, "When the followed source was last read.", ("source",)
)
SOURCE_FAILING = Metric(
    "patchdeck_source_failing", _GAUGE, "Whether the last try to read the followed source failed.", ("source",)
)
CANDIDATES = Metric("patchdeck_candidates", _GAUGE, "Machines that are known and not enrolled.", ("state",))
PENDING_BATCHES = Metric(
    "patchdeck_pending_batches",
    _GAUGE,
    "Batches of results that were accepted and are not in the tables: waiting, or set aside as unreadable.",
    ("state",),
)
STATE_BYTES = Metric("patchdeck_state_bytes", _GAUGE, "Size of state.db with its log.")
HOME_FREE_BYTES = Metric("patchdeck_home_free_bytes", _GAUGE, "Free space of the file system that the home lies on.")

# In the order of their declarations: a list by hand would be a second place to add each to.
METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
