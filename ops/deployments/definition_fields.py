"""Every key of a definition, declared once: reading, writing and the page about the format follow from here."""

from fleet.deployments.deployment import Deployment
from fleet.deployments.reboot_rules import RebootRules
from fleet.deployments.rollout import HealthGate, Rollout
from fleet.deployments.schedule import Schedule
from fleet.deployments.scripts import Script
from fleet.deployments.update_rules import Exclusion, UpdateRules
from fleet.deployments.window import Window
from ops.deployments.definition_sections import Field, Section
from ops.deployments.definition_values import CLOCK, DAY, MOMENT, NUMBER, TEXT, TEXTS, TRUTH, WHOLE, ZONE
from ops.deployments.definition_words import (
    BUDGET,
    CHANNELS,
    CLASSES,
    MASK,
    MASKS,
    MISSED,
    ON_FAILURE,
    PLACE,
    POLICY,
    PORTS,
    STAGE,
    TARGETS,
    WAVES,
)

_EXCLUSIONS = Section(
    "updates.exclusions",
    "exclusions",
    Exclusion,
    "updates that are left out for a reason, each shown with it until it ends",
    (
        Field("update", ("mask",), MASK, "the mask of what is left out", '"docker*"'),
        Field("reason", ("reason",), TEXT, "why; everybody who misses the update reads it", '"breaks the build farm"'),
        Field("until", ("until",), DAY, "the last day on which it holds; without it, for good", "2026-12-31"),
        Field("by", ("by",), TEXT, "who decided", '"ann"'),
    ),
    is_list=True,
)
_UPDATES = Section(
    "updates",
    "updates",
    UpdateRules,
    "what is installed; exclusion beats inclusion",
    (
        Field(
            "classes",
            ("classes",),
            CLASSES,
            "classes of updates that are installed; all: every one but drivers and upgrades, which are named",
            '["critical", "security"]',
        ),
        Field("include", ("include",), MASKS, "updates that are installed whatever their class", '["openssl*"]'),
        Field("exclude", ("exclude",), MASKS, "updates that are not installed", '["kernel=6.1.*"]'),
        Field(
            "minimum-age-days", ("minimum_age_days",), WHOLE, "days since this fleet first saw the version offered", "3"
        ),
        Field(
            "allow-new-packages", ("allow_new_packages",), TRUTH, "whether packages may come in with others", "false"
        ),
        Field("allow-removals", ("allow_removals",), TRUTH, "whether packages may be removed for others", "true"),
        Field(
            "allow-optional",
            ("allow_optional",),
            TRUTH,
            "Windows: whether optional updates (previews, drivers) of these classes are installed too",
            "true",
        ),
        Field(
            "accept-licences",
            ("accept_licences",),
            TRUTH,
            "Windows: whether the licences of updates are accepted; without it those that have one are left out",
            "true",
        ),
        Field(
            "rounds",
            ("rounds",),
            WHOLE,
            "how often a machine installs, 1 to 10, where more is offered after it; by default 5 on Windows, else 1",
            "3",
        ),
    ),
    (_EXCLUSIONS,),
)
_SCHEDULE = Section(
    "schedule",
    "schedule",
    Schedule,
    "when it starts; without this part, when asked only",
    (
        Field(
            "first",
            ("first",),
            MOMENT,
            "the start, or from when on the rule is read; wall-clock time",
            "2026-12-08T02:30:00",
        ),
        Field("time-zone", ("time_zone",), ZONE, "the IANA time zone of all its times", '"Europe/Berlin"'),
        Field("rule", ("rule",), TEXT, "an RFC 5545 rule; without it, once", '"FREQ=MONTHLY;BYDAY=2TU"'),
        Field("offset-days", ("offset_days",), WHOLE, "days by which each occurrence of the rule is moved", "3"),
        Field("last-day", ("last_day",), DAY, "the last day of a start", "2027-12-31"),
        Field(
            "blackouts", ("blackouts",), TEXT, "an iCalendar file; nothing starts during its events", '"holidays.ics"'
        ),
        Field(
            "missed",
            ("missed", "missed_within_hours"),
            MISSED,
            "what is done about a missed start",
            '"run within 4 h"',
        ),
    ),
)
_WINDOW = Section(
    "window",
    "window",
    Window,
    "the maintenance window, from the start on",
    (
        Field("minutes", ("minutes",), WHOLE, "how long it is, 1 to 10080 (7 days)", "240"),
        Field(
            "stop-starting-minutes", ("stop_starting_minutes",), WHOLE, "before its end, no installation starts", "30"
        ),
        Field("reboot-minutes", ("reboot_minutes",), WHOLE, "before its end, no reboot is made", "20"),
        Field(
            "hard-stop",
            ("hard_stop",),
            TRUTH,
            "end what still runs at its end, at the risk of half an installation",
            "true",
        ),
    ),
)
_REBOOT = Section(
    "reboot",
    "reboot",
    RebootRules,
    "whether and when machines are rebooted",
    (
        Field("policy", ("policy",), POLICY, "when; only: reboot, install nothing", '"always"'),
        Field("at", ("at",), CLOCK, "a time of day in the schedule's zone; without it, at once", '"04:30"'),
        Field("notice-minutes", ("notice_minutes",), WHOLE, "how long before it logged-in users are told", "5"),
        Field("message", ("message",), TEXT, "what they are told", '"Updates: this machine restarts."'),
        Field(
            "return-minutes",
            ("return_minutes",),
            WHOLE,
            "how long it may take to come back; by default 15, Windows 60",
            "90",
        ),
    ),
)
_SCRIPTS = Section(
    "scripts",
    "scripts",
    Script,
    "scripts before and after installing, in this order",
    (
        Field(
            "stage",
            ("stage",),
            STAGE,
            "before (pre) or after (post) the installation",
            '"pre"',
        ),
        Field(
            "place",
            ("place",),
            PLACE,
            "once a run on the console, or on each machine",
            '"console"',
        ),
        Field("path", ("path",), TEXT, "the script's file on the console", '"scripts/drain"'),
        Field("parameters", ("parameters",), TEXTS, "given to it as PATCHDECK_NAME", '{ POOL = "web" }'),
        Field("timeout-seconds", ("timeout_seconds",), WHOLE, "how long it may take", "600"),
        Field(
            "on-failure",
            ("on_failure",),
            ON_FAILURE,
            "stop: the run or the machine fails; continue: it is noted",
            '"continue"',
        ),
    ),
    is_list=True,
)
_GATE = Section(
    "rollout.gate",
    "gate",
    HealthGate,
    "what must hold between two waves",
    (
        Field(
            "success-percent", ("success_percent",), NUMBER, "how many machines of the wave must have succeeded", "95"
        ),
        Field("check-units", ("check_units",), TRUTH, "no unit of systemd may newly have failed", "true"),
        Field(
            "command",
            ("command",),
            TEXT,
            "run by sh on each machine of the wave, and must end with 0",
            '"/opt/web/check"',
        ),
        Field("tcp-ports", ("tcp_ports",), PORTS, "must accept a connection", "[443]"),
        Field("soak-minutes", ("soak_minutes",), NUMBER, "how long is waited before all this is looked at", "10"),
    ),
)
_ROLLOUT = Section(
    "rollout",
    "rollout",
    Rollout,
    "in which order and how many at once",
    (
        Field(
            "waves",
            ("waves",),
            WAVES,
            "each a target, a number, a percentage of all machines, or rest",
            '["tag:ring=canary", "5", "25%", "rest"]',
        ),
        Field(
            "cluster-tag",
            ("cluster_tag",),
            TEXT,
            "machines with the same value are never in work together",
            '"cluster"',
        ),
        Field(
            "order-by-tag", ("order_by_tag",), TEXT, "machines go in the order of its value, else by name", '"order"'
        ),
        Field("concurrency", ("concurrency",), WHOLE, "machines in work at once; by default as the settings say", "20"),
        Field("budget", ("budget",), BUDGET, "how many machines may fail before no other is begun", '"10%"'),
    ),
    (_GATE,),
)
DEFINITION = Section(
    "",
    "",
    Deployment,
    "the deployment itself",
    (
        Field("name", ("name",), TEXT, "what it is called; by default as the file", '"web-monthly"'),
        Field(
            "description", ("description",), TEXT, "what it is for", '"All web servers, three days after Patch Tuesday"'
        ),
        Field(
            "targets", ("targets",), TARGETS, "names, globs, tag:key=value, os:linux, all", '["tag:role=web", "db-*"]'
        ),
        Field("enabled", ("enabled",), TRUTH, "whether its schedule starts it", "false"),
        Field(
            "predownload-minutes",
            ("predownload_minutes",),
            WHOLE,
            "how long before the window machines begin to download; 0: they don't",
            "60",
        ),
        Field(
            "needs-approval",
            ("needs_approval",),
            WHOLE,
            "how many others must approve a run's plan before anything is done; 0: nobody",
            "1",
        ),
        Field(
            "channels",
            ("channels",),
            CHANNELS,
            "who is told when a run begins and ends, and when it waits for approval: `patchdeck channels list`",
            '["ops-mail"]',
        ),
        Field("notice-hours", ("notice_hours",), NUMBER, "they are told so long before each start, too", "24"),
    ),
    (_UPDATES, _SCHEDULE, _WINDOW, _REBOOT, _SCRIPTS, _ROLLOUT),
)
