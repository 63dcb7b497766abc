"""All of a deployment's definition as fields, in the steps in which one thinks of it."""

from collections.abc import Mapping

from fleet.deployments.budget import budget_text
from fleet.deployments.masks import mask_text
from fleet.deployments.scripts import ScriptStage
from fleet.deployments.waves import wave_text
from ops.deployments.definition_words import CLASS_WORDS
from tui.repeating import read_rule
from tui.step_fields import (
    Step,
    StepField,
    barred_of,
    decimal_of,
    exclusion_text,
    missed_text,
    number_of,
    of_schedule,
    parts_of,
    plain_text,
    policy_text,
    ports_of,
    scripts_text,
    truth_of,
    untruth_of,
    words_of,
    yes_text,
)

_CLASS_NAMES = {classification: word for word, classification in CLASS_WORDS.items()}

_WHO = Step(
    "Who",
    (
        StepField("name", "Name", "web-security", lambda d: d.name),
        StepField(
            "targets", "Targets", "tag:role=web group:db web-* all, apart by blanks", lambda d: " ".join(d.targets),
            parts_of, "targets",
        ),
        StepField("description", "Description", "what it is for", lambda d: d.description, str, "description"),
        StepField(
            "enabled", "Enabled", "yes; no: its schedule starts nothing",
            lambda d: yes_text(d.enabled), untruth_of, "disabled",
        ),
    ),
)  # fmt: skip
_WHAT = Step(
    "What",
    (
        StepField(
            "classes", "Classes", "critical security others unclassified all drivers upgrades",
            lambda d: " ".join(_CLASS_NAMES[each] for each in d.updates.classes), words_of, "classes",
        ),
        StepField(
            "include", "Include", "openssl* curl=8.*: these too, of any class",
            lambda d: " ".join(map(mask_text, d.updates.include)), parts_of, "include",
        ),
        StepField(
            "exclude", "Exclude", "postgresql* kernel*: never these; beats everything",
            lambda d: " ".join(map(mask_text, d.updates.exclude)), parts_of, "exclude",
        ),
        StepField(
            "exclusions", "Exclude until", "openssl*; breaks the shop; 2026-12-31; anna | next one",
            lambda d: " | ".join(map(exclusion_text, d.updates.exclusions)), barred_of, "exclusions",
        ),
        StepField(
            "minimum_age", "Minimum age, days", "0; 7: only what this fleet saw a week ago",
            lambda d: plain_text(d.updates.minimum_age_days), number_of, "minimum_age",
        ),
        StepField(
            "new_packages", "New packages", "yes: an update may bring packages that are not there",
            lambda d: yes_text(d.updates.allow_new_packages), truth_of, "new_packages",
        ),
        StepField(
            "removals", "Removals", "no; yes: an update may remove packages",
            lambda d: yes_text(d.updates.allow_removals), truth_of, "removals",
        ),
        StepField(
            "optional", "Windows: optional", "no; yes: previews and drivers too",
            lambda d: yes_text(d.updates.allow_optional), truth_of, "optional",
        ),
        StepField(
            "licences", "Windows: licences", "no; yes: accepts those of its updates",
            lambda d: yes_text(d.updates.accept_licences), truth_of, "licences",
        ),
        StepField(
            "rounds", "Rounds", "empty: as usual for the system; 3",
            lambda d: plain_text(d.updates.rounds), number_of, "rounds",
        ),
    ),
)  # fmt: skip
_WHEN = Step(
    "When",
    (
        StepField(
            "first", "First start", "2026-12-08 02:30; empty: it runs when asked",
            of_schedule(lambda s: f"{s.first:%Y-%m-%d %H:%M}" + (f":{s.first.second:02}" if s.first.second else "")),
            str, "first", True,
        ),
        StepField(
            "zone", "Time zone", "Europe/Berlin; empty: UTC", of_schedule(lambda s: s.time_zone), str, "zone", True
        ),
        StepField(
            "repeats", "Repeats", "once; daily, tue thu, 2nd tue, last fri, or FREQ=…",
            of_schedule(lambda s: s.rule), read_rule, "rule", True,
        ),
        StepField(
            "offset_days", "Days later", "0; 3: the second Tuesday + 3",
            of_schedule(lambda s: plain_text(s.offset_days)), number_of, "offset_days", True,
        ),
        StepField(
            "last_day", "Last day", "2027-06-30; empty: no end",
            of_schedule(lambda s: s.last_day.isoformat() if s.last_day else ""), str, "last_day", True,
        ),
        StepField(
            "blackouts", "Blackouts", "/srv/freeze.ics: nothing starts during its events",
            of_schedule(lambda s: s.blackouts), str, "blackouts", True,
        ),
        StepField(
            "missed", "Missed starts", "empty: skipped; 4: made up for within so many hours",
            of_schedule(missed_text), str, "missed", True,
        ),
        StepField("window", "Window, minutes", "120", lambda d: str(d.window.minutes), number_of, "window"),
        StepField(
            "stop_starting", "No start in last", "15: minutes before its end, for installations",
            lambda d: str(d.window.stop_starting_minutes), number_of, "stop_starting",
        ),
        StepField(
            "stop_rebooting", "No reboot in last", "10: minutes before its end",
            lambda d: str(d.window.reboot_minutes), number_of, "stop_rebooting",
        ),
        StepField(
            "hard_stop", "Hard stop", "no; yes: ends what still runs then, half-installed or not",
            lambda d: yes_text(d.window.hard_stop), truth_of, "hard_stop",
        ),
        StepField(
            "predownload", "Pre-download", "0; 60: minutes before the window opens",
            lambda d: plain_text(d.predownload_minutes), number_of, "predownload",
        ),
    ),
)  # fmt: skip
_HOW = Step(
    "How",
    (
        StepField("reboot", "Reboot", "if-required, always, never or only", policy_text, str, "reboot"),
        StepField("reboot_at", "Reboot at", "04:00; empty: at once", lambda d: d.reboot.at, str, "reboot_at"),
        StepField(
            "reboot_notice", "Notice, minutes", "0: before a reboot, to who is logged in",
            lambda d: plain_text(d.reboot.notice_minutes), number_of, "reboot_notice",
        ),
        StepField(
            "reboot_message", "Message", "what they are told", lambda d: d.reboot.message, str, "reboot_message"
        ),
        StepField(
            "reboot_return", "Back within", "empty: as usual; 30 minutes",
            lambda d: plain_text(d.reboot.return_minutes), number_of, "reboot_return",
        ),
        StepField(
            "waves", "Waves", "tag:ring=canary 10% 25% rest; empty: all at once",
            lambda d: " ".join(map(wave_text, d.rollout.waves)), parts_of, "waves",
        ),
        StepField(
            "concurrency", "At once", "empty: as the settings say; 20 machines",
            lambda d: plain_text(d.rollout.concurrency), number_of, "concurrency",
        ),
        StepField(
            "budget", "Failure budget", "3 or 5%: more failed than that, and nothing more is begun",
            lambda d: budget_text(d.rollout.budget) if d.rollout.budget else "", str, "budget",
        ),
        StepField(
            "cluster_tag", "Never together", "cluster: machines with the same value of this tag",
            lambda d: d.rollout.cluster_tag, str, "cluster_tag",
        ),
        StepField(
            "order_by_tag", "Order by tag", "empty: by name", lambda d: d.rollout.order_by_tag, str, "order_by_tag"
        ),
    ),
)  # fmt: skip
_BETWEEN = Step(
    "Gates, scripts",
    (
        StepField(
            "gate_success", "Next wave from", "95: percent of a wave that must have succeeded",
            lambda d: plain_text(d.rollout.gate.success_percent), decimal_of, "gate_success",
        ),
        StepField(
            "gate_units", "and no failed unit", "no; yes: of systemd, newly",
            lambda d: yes_text(d.rollout.gate.check_units), truth_of, "gate_units",
        ),
        StepField(
            "gate_command", "and command", "curl -fsS localhost/health: ends with 0 on each machine",
            lambda d: d.rollout.gate.command, str, "gate_command",
        ),
        StepField(
            "gate_ports", "and open ports", "443 8443",
            lambda d: " ".join(map(str, d.rollout.gate.tcp_ports)), ports_of, "gate_ports",
        ),
        StepField(
            "gate_soak", "after minutes", "0; 30: between two waves",
            lambda d: plain_text(d.rollout.gate.soak_minutes), decimal_of, "gate_soak",
        ),
        StepField(
            "pre_scripts", "Scripts before", "machine /srv/drain.sh pool=a | console /srv/tell.sh",
            scripts_text(ScriptStage.PRE), barred_of, "pre_scripts",
        ),
        StepField(
            "post_scripts", "Scripts after", "machine /srv/undrain.sh --on-failure continue",
            scripts_text(ScriptStage.POST), barred_of, "post_scripts",
        ),
    ),
)  # fmt: skip
_TELLS = Step(
    "Approve, tell",
    (
        StepField(
            "approvals", "Approvals", "of how many others its plan needs; empty: none",
            lambda d: plain_text(d.needs_approval), number_of, "needs_approval",
        ),
        StepField(
            "channels", "Tells", "names of channels, apart by blanks; empty: nobody",
            lambda d: " ".join(d.channels), words_of, "channels",
        ),
        StepField(
            "notice", "before, hours", "24: they are told before each start too",
            lambda d: plain_text(d.notice_hours), decimal_of, "notice",
        ),
    ),
)  # fmt: skip

STEPS = (_WHO, _WHAT, _WHEN, _HOW, _BETWEEN, _TELLS)
FIELDS: Mapping[str, StepField] = {field.name: field for step in STEPS for field in step.fields}


def step_of(field: str) -> int:
    """The number of the step in which the field stands."""
    return next(number for number, step in enumerate(STEPS) if any(each.name == field for each in step.fields))
