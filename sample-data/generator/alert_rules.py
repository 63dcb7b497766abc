"""The alert rules of the sample home: which of the starter set were chosen, and how they were fitted since."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fleet.alerts.quiet import QuietHours, QuietSpan
from fleet.alerts.rule import AlertRule, RuleKind, RunSignal
from fleet.alerts.severity import Severity
from generator.channels import MAIL, NTFY, ONCALL
from generator.deeds import Deed
from generator.era import identity
from generator.people import AMIRA, JONAS, PETRA, Admin
from ops.alerts.starter import find_starter
from ops.state.alerts import AlertBook

_WEEK, _DAY = 7 * 24 * 60, 24 * 60


def _at(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """That ``by`` put ``rule`` in the place of the one of its name, if there was one."""

    at: datetime
    by: Admin
    command: str
    rule: AlertRule

    @property
    def deed(self) -> Deed:
        """The same for the home."""
        return Deed(
            self.at, self.by, self.command, lambda connection, audit: AlertBook(connection, audit).put(self.rule)
        )


# Chosen on one morning, one after the other: whom they tell.
_CHOSEN = (
    ("security-overdue", (MAIL,)),
    ("known-exploited", (ONCALL, NTFY)),
    ("not-assessed", (NTFY,)),
    ("disk-low", (NTFY,)),
    ("reboot-overdue", (MAIL,)),
    ("clones", (MAIL,)),
    ("host-key-changed", (ONCALL, NTFY)),
    ("no-return", (ONCALL, NTFY)),
    ("run-failed", (NTFY,)),
    ("failure-budget", (ONCALL, NTFY)),
    ("window-exceeded", (MAIL,)),
    ("repository-stale", (NTFY,)),
)
_CHOSEN_AT = _at(8, 25, 8, 10)
_TOO_OFTEN = ("security-overdue", "not-assessed", "reboot-overdue", "clones", "repository-stale")
_TOO_OFTEN_AT = _at(8, 28, 9, 30)
_CALM_NIGHTS = QuietHours((QuietSpan(22 * 60, 6 * 60),), "Europe/Berlin")


def rule_changes() -> list[RuleChange]:
    """Every change of a rule, the oldest first."""
    return sorted(_changes(), key=lambda change: change.at)


def _changes() -> Iterator[RuleChange]:
    rules = {name: _chosen(name, channels) for name, channels in _CHOSEN}
    for number, rule in enumerate(rules.values()):
        command = f"patchdeck alerts add --starter {rule.name}{_to(rule.channels)}"
        yield RuleChange(_CHOSEN_AT + timedelta(minutes=2 * number), PETRA, command, rule)
    for number, name in enumerate(_TOO_OFTEN):
        rules[name] = replace(rules[name], repeat_minutes=_WEEK)
        at = _TOO_OFTEN_AT + timedelta(seconds=40 * number)
        yield RuleChange(at, PETRA, f"patchdeck alerts edit {name} --repeat 7d", rules[name])
    rules["not-assessed"] = replace(rules["not-assessed"], quiet=_CALM_NIGHTS)
    command = "patchdeck alerts edit not-assessed --quiet 22:00-06:00 --zone Europe/Berlin"
    yield RuleChange(_at(9, 10, 6, 52), JONAS, command, rules["not-assessed"])
    rules["known-exploited"] = replace(rules["known-exploited"], repeat_minutes=3 * _DAY, breaks_quiet=True)
    command = "patchdeck alerts edit known-exploited --repeat 3d --break-quiet"
    yield RuleChange(_at(11, 9, 8, 15), AMIRA, command, rules["known-exploited"])
    yield from _own_rules()


def _own_rules() -> Iterator[RuleChange]:
    production = AlertRule(
        id=identity("alert rule", "production-unreachable"),
        name="production-unreachable",
        kind=RuleKind.MACHINE_RUNS,
        severity=Severity.ERROR,
        description="A machine of production was away when its run was due: it was patched by nobody.",
        signal=RunSignal("linux-production-*", ("Unreachable",)),
        window_minutes=2 * _DAY,
        split_by=("machine",),
        channels=(NTFY,),
    )
    command = (
        "patchdeck alerts add production-unreachable --count machine-runs --deployment 'linux-production-*' "
        "--status Unreachable --window 2d --by machine --severity Error --channel ops-ntfy"
    )
    yield RuleChange(_at(9, 14, 7, 40), AMIRA, command, production)
    spare = replace(find_starter("nothing-deployed"), id=identity("alert rule", "nothing-deployed"), channels=(MAIL,))
    yield RuleChange(
        _at(10, 2, 13, 5), JONAS, f"patchdeck alerts add --starter {spare.name} --channel {MAIL} --disabled", spare
    )


def _chosen(name: str, channels: tuple[str, ...]) -> AlertRule:
    return replace(find_starter(name), id=identity("alert rule", name), channels=channels, is_enabled=True)


def _to(channels: tuple[str, ...]) -> str:
    return "".join(f" --channel {channel}" for channel in channels)


@dataclass(frozen=True, slots=True)
class Ack:
    """That ``by`` took upon them what is open of a rule about ``key``."""

    at: datetime
    by: Admin
    rule: str
    key: str
    note: str

    @property
    def command(self) -> str:
        """The command line of it."""
        return f"patchdeck alerts ack {self.rule} --about {self.key} --note '{self.note}'"


ACKS = (
    Ack(_at(10, 7, 6, 48), JONAS, "not-assessed", "web-03", "its mainboard is replaced on Thursday, out of the pool"),
    Ack(_at(11, 13, 8, 2), AMIRA, "not-assessed", "edge-vie-01", "the site has no power until the 27th"),
    Ack(
        _at(11, 18, 13, 5),
        PETRA,
        "host-key-changed",
        "app-04",
        "reinstalled by its vendor on Tuesday; they read the fingerprint to me on Monday",
    ),
)
