"""What a rule would say now: measured, and told to nobody."""

from dataclasses import dataclass, replace
from datetime import datetime

from fleet.alerts.firing import Told, fire
from fleet.alerts.measured import Instance, Measured
from fleet.alerts.quiet import QuietHours
from fleet.alerts.records import RuleMemory
from fleet.alerts.rule import AlertRule
from fleet.alerts.telling import Posting, tell
from ops.alerts.evaluating import measure_rules, new_id
from ops.config import Settings
from ops.home import Home

# Whoever would be told: a rule without channels has a message all the same here.
_SOMEBODY = ("preview",)


@dataclass(frozen=True, slots=True)
class Preview:
    """What was measured, the message that would be sent if nothing were open yet, and whether it is quiet now."""

    rule: AlertRule
    measured: Measured
    posting: Posting | None
    is_quiet: bool

    @property
    def found(self) -> tuple[Instance, ...]:
        """What it fires at, that which is furthest beyond the threshold first."""
        found = [each for each in self.measured.instances if each.value is not None and self.rule.finds(each.value)]
        sign = 1 if self.rule.comparison.is_downward else -1
        return tuple(sorted(found, key=lambda each: (sign * (each.value or 0.0), each.key)))

    @property
    def unknown(self) -> tuple[Instance, ...]:
        """Those of which the value is not known."""
        return tuple(each for each in self.measured.instances if each.value is None)


def preview_rule(home: Home, settings: Settings, rule: AlertRule, now: datetime) -> Preview:
    """What ``rule`` finds at ``now``. Nothing is kept. Blocking: meant for a thread.

    Raises:
        StoreBusy, HomeUnusable: the tables cannot be asked.
    """
    measured = measure_rules(home, settings, [rule], now)[0].measured
    at_once = replace(rule, evaluations=1, quiet=QuietHours(), channels=rule.channels or _SOMEBODY)
    fired = fire(at_once, {}, RuleMemory(), measured, now, new_id)
    told: Told = fired.told
    return Preview(rule, measured, tell(at_once, told, now, new_id), rule.quiet.holds(now))
