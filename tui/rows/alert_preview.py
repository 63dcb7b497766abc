"""What a rule of alerts finds now, to be read and scrolled."""

from fleet.alerts.measured import Instance, Measured
from fleet.alerts.rule import AlertRule
from fleet.alerts.wording import describe_condition, number_text
from fleet.hostile import clean
from ops.cli.values import count_of
from tui.rows.alert_rows import about_text

# Nobody reads more lines of a preview; the alerts themselves are all listed once it is on.
_MOST_LINES = 500


def preview_text(rule: AlertRule, measured: Measured) -> str:
    """What would be alerted of, then what would not, then what is not known."""
    lines = [f"{rule.name}, {rule.severity.value}", f"It fires on: {describe_condition(rule)}.", ""]
    if measured.problem:
        return "\n".join([*lines, f"It cannot be evaluated: {clean(measured.problem)}"])
    known = [each for each in measured.instances if each.value is not None]
    firing = [each for each in known if each.value is not None and rule.finds(each.value)]
    quiet = [each for each in known if each not in firing]
    unknown = [each for each in measured.instances if each.value is None]
    lines += _part(f"It would alert of {count_of(len(firing), 'thing')} now.", firing)
    lines += _part(f"It would not alert of {count_of(len(quiet), 'thing')}.", quiet) if quiet else []
    lines += _part(f"Of {count_of(len(unknown), 'thing')} it is not known.", unknown) if unknown else []
    if measured.silent:
        lines.append("Machines that did not answer when they were last asked: what is not found on them is no news.")
    return "\n".join(lines)


def _part(title: str, instances: list[Instance]) -> list[str]:
    shown = [f"  {about_text(each.key)}  {number_text(each.value)}  {clean(each.text)}" for each in instances]
    more = len(shown) - _MOST_LINES
    return [title, *shown[:_MOST_LINES], *([f"  … and {more:,} more"] if more > 0 else []), ""]
