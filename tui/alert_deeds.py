"""What the app does with alerts and their rules: each is the function of ops that the verb calls, in a thread."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from fleet.alerts.rule import AlertRule, QueryMeasure, RuleKind
from fleet.alerts.wording import describe_condition
from fleet.errors import BadInput, PatchdeckError
from ops.cli.values import count_of
from ops.home import Home
from tui.alert_words import AlertWords, read_alert_words
from tui.background import in_thread
from tui.conflicts import or_conflict
from tui.screens.alert_rule_form import AlertRuleForm
from tui.screens.name_form import NameForm
from tui.screens.note_form import NoteForm
from tui.screens.picker import Picker
from tui.tones import Tone
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from ops.alerts.book import OpenAlert
    from tui.app import PatchdeckApp
    from tui.screens.reason_form import Reason

_QUARTER_DAYS = 90
# Each is looked for among all that are open.
_MOST_SINGLE = 200
# More take seconds, in which the screen says that it is at work.
_MOST_QUICK = 100
_STARTER_COLUMNS = (
    TableColumn("name", "Rule", most=40, least=16, priority=0),
    TableColumn("severity", "Severity", most=13, least=8, priority=1),
    TableColumn("fires", "Fires on", most=100, least=24, priority=2),
)
_TONES = (Tone.STRONG, Tone.NORMAL, Tone.DIM)
_OWN = {
    "own query": RuleKind.QUERY,
    "own deployment runs": RuleKind.DEPLOYMENT_RUNS,
    "own machine runs": RuleKind.MACHINE_RUNS,
}
_OWN_MEANINGS = {
    "own query": ("the rows of a query", "One of your own, over any saved or predefined query."),
    "own deployment runs": ("runs of deployments", "One of your own, over runs by deployment and status."),
    "own machine runs": ("machines in runs", "One of your own, over the machines of runs, by name, status and run."),
}


def ask_to_acknowledge(deck: "PatchdeckApp", alerts: "Sequence[OpenAlert]", done: Callable[[], None]) -> None:
    """Asks for a note, and takes ``alerts`` upon whoever typed it: nobody is told again until they get worse."""

    def told(taken: int) -> None:
        done()
        deck.say(f"{count_of(taken, 'alert')} acknowledged." if taken else "They were acknowledged so already.")
        deck.work.look()

    def answered(note: "Reason | None") -> None:
        if note is not None:
            if len(alerts) > _MOST_QUICK:
                deck.say(f"{count_of(len(alerts), 'alert')} are being acknowledged …")
            in_thread(
                deck, lambda: _acknowledge(deck.home, alerts, note.text), told, deck.complain, what="acknowledging"
            )

    first = alerts[0]
    about = first.record.key or first.rule.name
    title = f"Acknowledge {about}" if len(alerts) == 1 else f"Acknowledge {count_of(len(alerts), 'alert')}"
    effect = "You take it upon you: nobody is told again until it gets worse, or is over."
    deck.push_screen(NoteForm(title, effect, takes="acknowledges", hint="what you do about it"), answered)


def _acknowledge(home: Home, alerts: "Sequence[OpenAlert]", note: str) -> int:
    """How many changed. All of a rule are taken at once; each of some for itself, which is for a few."""
    from ops.alerts.book import acknowledge, list_open

    chosen: dict[str, set[str]] = {}
    for alert in alerts:
        chosen.setdefault(alert.rule.name, set()).add(alert.record.alert_id)
    single: list[str] = []
    whole: list[str] = []
    for name, ids in chosen.items():
        if len(ids) > 1 and ids >= {each.record.alert_id for each in list_open(home, name)}:
            whole.append(name)
        else:
            single += sorted(ids)
    if len(single) > _MOST_SINGLE:
        raise BadInput(f"{len(single):,} are too many one by one: mark at most {_MOST_SINGLE}, or all of their rule.")
    return sum(len(acknowledge(home, wanted, note)) for wanted in (*whole, *single))


def switch(deck: "PatchdeckApp", rule: AlertRule) -> None:
    """Enables a disabled rule, disables an enabled one."""
    from ops.alerts.book import enable_rule

    wanted = not rule.is_enabled

    def switched(answer: tuple[AlertRule, bool]) -> None:
        told = "on: the service evaluates it from now on" if wanted else "off, and its open alerts are ended"
        deck.say(f"{answer[0].name} is {told}.")
        if wanted and not rule.channels:
            deck.say(f"{rule.name} tells nobody yet: e gives it channels.")
        deck.work.look()

    work = lambda: enable_rule(deck.home, rule.name, enabled=wanted)  # noqa: E731  # one expression, used once
    in_thread(deck, work, switched, deck.complain, what="switching the rule")


def add(deck: "PatchdeckApp") -> None:
    """Shows the starter set, and what one can write oneself; then the form of what was chosen."""
    from ops.alerts.starter import list_starters

    starters = {rule.name: rule for rule in list_starters()}

    def chosen(key: str | None) -> None:
        if key in _OWN:
            measure = QueryMeasure("") if _OWN[key] is RuleKind.QUERY else None
            _define(deck, AlertRule(id="", name="", kind=_OWN[key], measure=measure))
        elif key is not None:
            _define(deck, replace(starters[key], is_enabled=True))

    rows = [
        Row(key, (f"({words})", "", meaning), (Tone.ACCENT, Tone.DIM, Tone.DIM))
        for key, (words, meaning) in _OWN_MEANINGS.items()
    ]
    rows += [Row(n, (n, each.severity.value, describe_condition(each)), _TONES) for n, each in starters.items()]
    meanings = {name: each.description for name, each in starters.items()}
    meanings |= {key: meaning for key, (_, meaning) in _OWN_MEANINGS.items()}
    deck.push_screen(Picker("A new rule of alerts", _STARTER_COLUMNS, rows, meanings, takes="goes on"), chosen)


def edit(deck: "PatchdeckApp", rule: AlertRule) -> None:
    """Asks for another definition of ``rule``; its history and its open alerts stay its own."""
    from ops.alerts.book import change_rule

    def keep(after: AlertRule, known: AlertRule | None) -> str:
        is_changed = change_rule(deck.home, after, seen=known or rule)
        return f"The rule {after.name} is changed." if is_changed else "Nothing to change."

    _ask_for_rule(deck, rule, keep, is_new=False)


def preview(deck: "PatchdeckApp", rule: AlertRule) -> None:
    """Shows what ``rule`` would say now; nothing is kept, nobody is told."""
    from ops.alerts.evaluating import Finding, measure_rules
    from ops.config import load_settings
    from tui.rows.alert_preview import preview_text
    from tui.screens.full_text import FullText

    def show(findings: Sequence[Finding]) -> None:
        deck.push_screen(FullText(f"What {rule.name} would say now", preview_text(rule, findings[0].measured)))

    work = lambda: measure_rules(deck.home, load_settings(deck.home), [rule], deck.clock())  # noqa: E731  # used once
    in_thread(deck, work, show, deck.complain, what="evaluating the rule")


def ask_to_back_test(deck: "PatchdeckApp", rule: AlertRule) -> None:
    """Asks for a time of the past, and shows when ``rule`` would have alerted in it."""
    from tui.screens.back_test import BackTestScreen
    from tui.screens.span_form import Span, SpanForm

    def answered(span: Span | None) -> None:
        if span is not None:
            deck.push_screen(BackTestScreen(rule, span))

    now = deck.clock()
    effect = "The rule is evaluated over what the tables held then. Nothing is kept, nobody is told."
    proposed = Span(now - timedelta(days=_QUARTER_DAYS), now)
    deck.push_screen(SpanForm(f"Back-test {rule.name}", effect, proposed, takes="tests it"), answered)


def ask_to_remove(deck: "PatchdeckApp", rule: AlertRule) -> None:
    """Asks for the name, then removes the rule; what became of its alerts stays."""
    from ops.alerts.book import remove_rule

    def removed(_: AlertRule) -> None:
        deck.say(f"The rule {rule.name} is removed; its history stays.")
        deck.work.look()

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            in_thread(deck, lambda: remove_rule(deck.home, rule.name), removed, deck.complain, what="removing the rule")

    effect = f"The rule {rule.name} goes, and its open alerts are ended. What became of them stays."
    deck.push_screen(NameForm("Remove a rule of alerts", rule.name, effect, takes="removes it"), answered)


def _define(deck: "PatchdeckApp", begun: AlertRule) -> None:
    from ops.alerts.book import define_rule
    from ops.alerts.evaluating import new_id

    def keep(rule: AlertRule, _: AlertRule | None) -> str:
        define_rule(deck.home, replace(rule, id=new_id()))
        told = "" if rule.channels else " It tells nobody yet: e gives it channels."
        return f"The rule {rule.name} is on.{told}"

    _ask_for_rule(deck, begun, keep, is_new=True)


def _ask_for_rule(
    deck: "PatchdeckApp",
    begun: AlertRule,
    keep: Callable[[AlertRule, AlertRule | None], str],
    *,
    is_new: bool,
    reason: str = "",
) -> None:
    def kept(line: str) -> None:
        deck.say(line)
        deck.work.look()

    def answered(rule: AlertRule | None) -> None:
        if rule is None:
            return

        def refused(error: PatchdeckError) -> None:
            _ask_for_rule(deck, rule, keep, is_new=is_new, reason=str(error))

        def put(after: AlertRule, known: AlertRule | None) -> None:
            in_thread(deck, lambda: keep(after, known), kept, or_conflict(deck, refused, put), what="keeping the rule")

        put(rule, None)

    def show(words: AlertWords) -> None:
        deck.push_screen(AlertRuleForm(begun, words, is_new=is_new, reason=reason), answered)

    in_thread(
        deck,
        lambda: read_alert_words(deck.home),
        show,
        deck.complain,
        what="looking for queries and channels",
        opens=True,
    )
