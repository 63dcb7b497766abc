"""The words of a definition for what has names of its own elsewhere: classes, policies, masks, waves, budgets."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from fleet.deployments.budget import budget_text, parse_budget
from fleet.deployments.masks import ONLY_BY_NAME, mask_text, parse_mask
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.schedule import MissedStart
from fleet.deployments.scripts import ScriptFailure, ScriptPlace, ScriptStage
from fleet.deployments.waves import parse_wave, wave_text
from fleet.errors import BadInput, UnknownName
from fleet.updates import Classification
from ops.deployments.definition_tree import Node
from ops.deployments.definition_values import TEXT, WHOLE, Kind, choice, list_of, parsed_text, plain_number

_RUN_WITHIN = re.compile(r"run within ([0-9]{1,5}(?:\.[0-9]{1,25})?) ?h(?:ours?)?")

ALL_CLASSES = "all"
CLASS_WORDS: Mapping[str, Classification] = MappingProxyType(
    {
        "critical": Classification.CRITICAL,
        "security": Classification.SECURITY,
        "others": Classification.OTHERS,
        "unclassified": Classification.UNCLASSIFIED,
        "update-rollups": Classification.UPDATE_ROLLUPS,
        "feature-packs": Classification.FEATURE_PACKS,
        "service-packs": Classification.SERVICE_PACKS,
        "definition-updates": Classification.DEFINITION_UPDATES,
        "tools": Classification.TOOLS,
        "updates": Classification.UPDATES,
        "drivers": Classification.DRIVERS,
        "upgrades": Classification.UPGRADES,
    }
)
CLASSES_OF_ALL = tuple(each for each in CLASS_WORDS.values() if each not in ONLY_BY_NAME)
"""What ``all`` stands for: drivers, and upgrades to another release, have to be named."""

_POLICY_WORDS = {
    "if-required": RebootPolicy.IF_REQUIRED,
    "always": RebootPolicy.ALWAYS,
    "never": RebootPolicy.NEVER,
    "only": RebootPolicy.ONLY,
}


def parse_missed(text: str) -> tuple[MissedStart, float]:
    """``skip``, or ``run within 4 h``: the policy and its hours.

    Raises:
        BadInput: it is neither.
    """
    words = " ".join(text.casefold().split())
    match = _RUN_WITHIN.fullmatch(words)
    if words != "skip" and match is None:
        raise BadInput(f'{text[:80]!r} is not usable: write "skip" or "run within 4 h".')
    return (MissedStart.RUN_WITHIN, float(match[1])) if match else (MissedStart.SKIP, 0.0)


def missed_text(policy: tuple[MissedStart, float]) -> str:
    """The policy and its hours as `parse_missed` reads them."""
    missed, hours = policy
    return "skip" if missed is MissedStart.SKIP else f"run within {plain_number(hours)} h"


def _read_class(node: Node) -> tuple[Classification, ...]:
    word = TEXT.read(node).casefold()
    if word == ALL_CLASSES:
        return CLASSES_OF_ALL
    if word not in CLASS_WORDS:
        raise UnknownName("class", word[:100], (*CLASS_WORDS, ALL_CLASSES))
    return (CLASS_WORDS[word],)


def _read_classes(node: Node) -> tuple[Classification, ...]:
    given = _EACH_CLASS.read(node)
    if CLASSES_OF_ALL not in given:
        return tuple(each for several in given for each in several)
    named = {each for several in given for each in several}
    return (*CLASSES_OF_ALL, *(each for each in CLASS_WORDS.values() if each in named & ONLY_BY_NAME))


def _write_classes(classes: tuple[Classification, ...]) -> list[str]:
    by_class = {class_: word for word, class_ in CLASS_WORDS.items()}
    head, rest = classes[: len(CLASSES_OF_ALL)], classes[len(CLASSES_OF_ALL) :]
    if head != CLASSES_OF_ALL or rest != tuple(each for each in CLASS_WORDS.values() if each in rest):
        return [by_class[each] for each in classes]
    return [ALL_CLASSES, *(by_class[each] for each in rest)]


_EACH_CLASS = list_of(Kind("a class", _read_class), "a list of classes")
MASK = parsed_text("a mask", parse_mask, mask_text)
MASKS = list_of(MASK, 'a list of masks such as ["openssl*", "kernel=6.1.*"]')
CLASSES = Kind(f"a list of classes: {', '.join(CLASS_WORDS)}, or {ALL_CLASSES}", _read_classes, _write_classes)
TARGETS = list_of(TEXT, "a list of texts")
CHANNELS = list_of(TEXT, 'a list of names such as ["ops-mail"]')
WAVES = list_of(parsed_text("a wave", parse_wave, wave_text, number=True), 'a list such as ["tag:ring=canary", "25%"]')
BUDGET = parsed_text('a number of machines or a percentage such as "10%"', parse_budget, budget_text, number=True)
MISSED = parsed_text('"skip" or "run within 4 h"', parse_missed, missed_text)
POLICY = choice(_POLICY_WORDS)
STAGE = choice({stage.value: stage for stage in ScriptStage})
PLACE = choice({place.value: place for place in ScriptPlace})
ON_FAILURE = choice({failure.value: failure for failure in ScriptFailure})
PORTS = list_of(WHOLE, "a list of whole numbers")
