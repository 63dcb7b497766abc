"""A new deployment from the texts of the form: what can be said in a line each; the rest is for the editor."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from fleet.deployments.checking import check_deployment
from fleet.deployments.deployment import Deployment
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.window import Window, check_window
from fleet.errors import BadInput, UnknownName

_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_PLACES = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": -1, "first": 1, "second": 2, "third": 3, "fourth": 4}
_NTH = re.compile(rf"({'|'.join(_PLACES)}) ({'|'.join(_DAYS)})[a-z]*")
_WEEKLY = re.compile(rf"(?:every |weekly )?((?:{'|'.join(_DAYS)})[a-z]*(?:[ ,]+(?:{'|'.join(_DAYS)})[a-z]*)*)")
_RULES = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY",
    "monthly": "FREQ=MONTHLY",
    "patch tuesday": "FREQ=MONTHLY;BYDAY=2TU",
}
_POLICIES = {"if-required": "IfRequired", "always": "Always", "never": "Never", "only": "Only"}
_WINDOWS_WORDS = {"optional": "allow_optional", "licences": "accept_licences"}
# A window that is shorter than the default's reserves still has time to start something in.
_RESERVES = (15, 10)


def compose(texts: Mapping[str, str], now: datetime) -> Deployment:
    """The deployment that the fields of the form say: ``name``, ``targets``, ``classes``, ``first``, ``zone``,
    ``repeats``, ``window``, ``reboot``, ``windows``, ``approvals`` and ``channels``.

    Raises:
        BadInput: one of them cannot be used; says which and why.
    """
    from ops.cli.deployment_texts import read_classes

    classes = read_classes(texts["classes"].replace(",", " ").split())
    return check_deployment(
        Deployment(
            name=texts["name"],
            targets=tuple(texts["targets"].split()),
            updates=compose_windows(texts["windows"], UpdateRules(classes=classes)),
            schedule=compose_schedule(texts, now),
            window=compose_window(texts["window"]),
            reboot=RebootRules(policy=_policy(texts["reboot"])),
            needs_approval=_count(texts["approvals"]),
            channels=tuple(dict.fromkeys(texts["channels"].replace(",", " ").split())),
        )
    )


def compose_windows(text: str, rules: UpdateRules) -> UpdateRules:
    """``rules`` with what the words say of Windows: ``optional``, ``licences``, ``rounds=3``.

    Raises:
        UnknownName: there is no such word.
        BadInput: that is no number of rounds.
    """
    for word in text.casefold().replace(",", " ").split():
        name, equals, number = word.partition("=")
        if name == "rounds" and equals:
            if not (number.isascii() and number.isdecimal() and len(number) <= 4):
                raise BadInput(f"{word[:40]!r} is no number of rounds: write rounds=3.")
            rules = replace(rules, rounds=int(number))
        elif word in _WINDOWS_WORDS:
            rules = replace(rules, **{_WINDOWS_WORDS[word]: True})  # type: ignore[arg-type]  # each is a truth
        else:
            raise UnknownName("word about Windows", word, (*_WINDOWS_WORDS, "rounds=3"))
    return rules


def windows_text(rules: UpdateRules) -> str:
    """The words that `compose_windows` reads."""
    words = [word for word, name in _WINDOWS_WORDS.items() if getattr(rules, name)]
    return " ".join([*words, *([] if rules.rounds is None else [f"rounds={rules.rounds}"])])


def _count(text: str) -> int:
    if text and not (text.isdecimal() and len(text) <= 4):
        raise BadInput(f"{text[:20]!r} is no number of people whose approval is needed: write 0, 1 or 2.")
    return int(text or 0)


def compose_schedule(texts: Mapping[str, str], now: datetime) -> Schedule | None:
    """When it starts; None where no first start is given: it runs when asked.

    Raises:
        BadInput: the time, the zone or the rule cannot be used, or there is no start to come.
    """
    from fleet.deployments.schedule_checks import check_schedule
    from ops.cli.deployment_texts import read_wall_clock

    if not texts["first"]:
        if texts["repeats"]:
            raise BadInput("It repeats, but from when? Give the first start as YYYY-MM-DD HH:MM.")
        return None
    schedule = Schedule(
        read_wall_clock(texts["first"], now.date()), texts["zone"] or "UTC", read_rule(texts["repeats"])
    )
    check_schedule(schedule, now)
    return schedule


def read_rule(text: str) -> str:
    """The RFC 5545 rule of ``daily``, ``weekly``, ``tue thu``, ``2nd tue``, ``last fri``; any other text stays.

    Empty and ``once`` are no rule.
    """
    words = " ".join(text.casefold().split())
    if words in ("", "once"):
        return ""
    if nth := _NTH.fullmatch(words):
        return f"FREQ=MONTHLY;BYDAY={_PLACES[nth[1]]}{nth[2].upper()}"
    if words in _RULES:
        return _RULES[words]
    if weekly := _WEEKLY.fullmatch(words):
        days = [day[:2].upper() for day in re.split("[ ,]+", weekly[1])]
        return f"FREQ=WEEKLY;BYDAY={','.join(days)}"
    return text.strip()


def compose_window(text: str) -> Window:
    """A window of so many minutes.

    Raises:
        BadInput: it is no number of minutes, or none that a window can have.
    """
    if not text.isdecimal():
        raise BadInput(f"Window {text!r} is not usable: write minutes, for example 120.")
    minutes = int(text)
    starting, reboot = (min(reserve, max(0, minutes - 1)) for reserve in _RESERVES)
    return check_window(Window(minutes, starting, reboot))


def _policy(text: str) -> RebootPolicy:
    if text.casefold() not in _POLICIES:
        raise UnknownName("reboot policy", text, _POLICIES)
    return RebootPolicy(_POLICIES[text.casefold()])
