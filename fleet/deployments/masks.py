"""Masks: how rules name updates, with ``*`` for any characters."""

import re
from collections.abc import Sequence, Set

from fleet.deployments.update_rules import UpdateMask, UpdateRules
from fleet.errors import BadInput
from fleet.name_lists import some_of
from fleet.updates import Classification, Update

ONLY_BY_NAME = frozenset({Classification.DRIVERS, Classification.UPGRADES})
"""Classes that a deployment has only where they are named: "all" does not mean them."""

# Numbers of KB articles have six or seven digits; in an advisory only KB tells that it is one.
_NUMBER = re.compile(r"(?i:kb)?([0-9]{5,9})")
_ARTICLE = re.compile(r"(?i:kb)([0-9]{5,9})")
_EPOCH = re.compile(r"[0-9]+:")
# No package manager has these in a name or a version. A mask with one would match nothing, and an exclusion that
# matches nothing protects nothing.
_NEVER_IN_NAMES = frozenset("?,;=\"'")


def parse_mask(text: str) -> UpdateMask:
    """``openssl*`` or ``openssl*=3.0.*``; all but ``*`` is literal.

    Raises:
        BadInput: it names nothing, or holds what no name or version holds.
    """
    name, equals, version = (part.strip() for part in text.strip().partition("="))
    if not name or (equals and not version):
        raise BadInput(f"Mask {text!r} is not usable: write NAME or NAME=VERSION, with * for any characters.")
    for part in (name, version):
        if not part.isprintable() or " " in part or _NEVER_IN_NAMES.intersection(part):
            raise BadInput(f"Mask {text!r} is not usable: one mask at a time; write * for blanks and signs.")
    return UpdateMask(name, version)


def mask_text(mask: UpdateMask) -> str:
    """The mask as `parse_mask` reads it."""
    return f"{mask.name}={mask.version}" if mask.version else mask.name


def chosen_text(rules: UpdateRules) -> str:
    """What ``rules`` choose before anything is left out, in words: classes and masks choose each on their own."""
    classes = _classes_text({*rules.classes}, rules.classes)
    masks = some_of([mask_text(mask) for mask in rules.include], 5)
    if classes and masks:
        return f"{classes}, and besides whatever {masks} names, of any class"
    if masks:
        return f"only what {masks} names, of any class"
    return classes or "nothing: no class and no mask"


def _classes_text(given: Set[Classification], in_order: Sequence[Classification]) -> str:
    everything = {*Classification}
    if given >= everything:
        return "every update, Windows drivers and upgrades too"
    if given == everything - ONLY_BY_NAME:
        return "every update, but no Windows drivers and upgrades"
    return f"every update of the classes {some_of(in_order, 12)}" if given else ""


def matches(mask: UpdateMask, update: Update) -> bool:
    """Whether ``mask`` names ``update``.

    Names are compared with their case. Numbers of KB articles are compared with or without ``KB``, in any case.
    Versions are those that are offered; an epoch may be left out.
    """
    articles = [match[1] for advisory in update.advisories if (match := _ARTICLE.fullmatch(advisory))]
    return matches_package(mask, update.name, update.offered_version) or (
        any(_matches_article(mask.name, number) for number in articles)
        and _matches_version(mask.version, update.offered_version)
    )


def matches_package(mask: UpdateMask, name: str, version: str) -> bool:
    """Whether ``mask`` names the package, or the KB article, called ``name`` at ``version``."""
    article = _NUMBER.fullmatch(name)
    is_named = _matches_text(mask.name, name) or (article is not None and _matches_article(mask.name, article[1]))
    return is_named and _matches_version(mask.version, version)


def _matches_article(pattern: str, number: str) -> bool:
    bare = pattern[2:] if pattern[:2].casefold() == "kb" else pattern
    return bool(bare) and _matches_text(bare, number)


def _matches_version(pattern: str, version: str) -> bool:
    if not pattern:
        return True
    epoch = _EPOCH.match(version)
    other = version[epoch.end() :] if epoch else f"0:{version}"
    return _matches_text(pattern, version) or _matches_text(pattern, other)


def _matches_text(pattern: str, text: str) -> bool:
    """Whether ``text`` is ``pattern``, whose every ``*`` stands for any characters, none included.

    Each part is looked for behind the one before: linear, where a regular expression with many ``.*`` is not.
    """
    first, *others = pattern.split("*")
    if not others:
        return text == first
    last = others.pop()
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in others:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
