"""Which of the updates that a machine needs a deployment's rules choose, and why the others are left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cmp_to_key

from fleet.deployments.masks import mask_text, matches, matches_package
from fleet.deployments.plan import LeftOut, LeftOutReason, Selection
from fleet.deployments.update_rules import Exclusion, UpdateMask, UpdateRules
from fleet.updates import Blocker, Update

_OF_WINDOWS = (Blocker.HIDDEN, Blocker.OPTIONAL, Blocker.NEEDS_LICENCE)

Compare = Callable[[str, str], int]
"""Below 0, 0 or above 0 as the first version is older than, as new as, or newer than the second, for its manager."""


def select(
    updates: Sequence[Update],
    rules: UpdateRules,
    *,
    today: date,
    now: datetime,
    first_seen: Mapping[tuple[str, str], datetime],
    compare: Compare | None = None,
) -> Selection:
    """What ``rules`` choose; each update is either chosen or left out, in the order of ``updates``.

    The first of these that holds is the reason for leaving out: it is excluded; its class is not asked for and nothing
    includes it; something on the machine stops it; it is too young; another version of the same package is chosen.

    Args:
        updates: what the machine needs.
        rules: of the deployment.
        today: the day that exclusions are compared with, in the deployment's time zone.
        now: aware.
        first_seen: when this fleet first saw a version offered, by `version_key`. What it has never seen counts from
            now, and so is too young wherever an age is asked for.
        compare: the manager's order of versions, for a package that is offered twice. Without it the same one is
            taken whatever the order of ``updates``.
    """
    reasons = [_judge(update, rules, today, now, first_seen) for update in updates]
    _leave_doubles_out(updates, reasons, compare)
    return Selection(
        chosen=tuple(update for update, reason in zip(updates, reasons, strict=True) if reason is None),
        left_out=tuple(reason for reason in reasons if reason is not None),
    )


def version_key(update: Update) -> tuple[str, str]:
    """What a version that is offered is remembered by: a Windows update by its id, which no title changes."""
    known = update.windows
    return (known.update_id, "") if known and known.update_id else (update.name, update.offered_version)


def find_exclusion(rules: UpdateRules, name: str, version: str, today: date) -> str:
    """What excludes the package called ``name`` at ``version``, in words; empty if nothing does."""
    return _excluded_by(rules, today, lambda mask: matches_package(mask, name, version))


def is_active(exclusion: Exclusion, today: date) -> bool:
    """Whether it still excludes: its last day is included."""
    return exclusion.until is None or today <= exclusion.until


def describe_exclusion(exclusion: Exclusion) -> str:
    """The rule, why, by whom, until when: ``excluded by openssl*: breaks the shop, by anna, until 2026-12-01``."""
    reason = f": {exclusion.reason}" if exclusion.reason else ""
    by = f", by {exclusion.by}" if exclusion.by else ""
    until = f", until {exclusion.until.isoformat()}" if exclusion.until else ""
    return f"excluded by {mask_text(exclusion.mask)}{reason}{by}{until}"


def find_blocker(update: Update, rules: UpdateRules) -> LeftOut | None:
    """Why the machine would not install ``update`` (a hold, a lock, a pin, phasing, what it needs); None where nothing
    stops it, or the rules allow what it needs, so that its manager decides.

    What a person hid on a Windows, and what wants a person at its screen, is never installed. An optional update is
    where the rules allow such or a mask names it, one with a licence where they accept licences.
    """
    for blocker in blockers_of(update):
        if (left := _find_one(blocker, update, rules)) is not None:
            return left
    return None


def blockers_of(update: Update) -> Iterator[Blocker]:
    """All that stops ``update``: the assessment names one, and a Windows update may have several."""
    known = update.windows
    said = () if update.blocker is None else (update.blocker,)
    if known is None:
        yield from said
        return
    yield from (blocker for blocker in said if blocker not in _OF_WINDOWS)
    if known.is_hidden or update.blocker is Blocker.HIDDEN:
        yield Blocker.HIDDEN
    if known.is_optional or update.blocker is Blocker.OPTIONAL:
        yield Blocker.OPTIONAL
    if not known.is_licence_accepted or update.blocker is Blocker.NEEDS_LICENCE:
        yield Blocker.NEEDS_LICENCE


def _find_one(blocker: Blocker, update: Update, rules: UpdateRules) -> LeftOut | None:
    detail = update.blocker_detail if blocker is update.blocker else ""
    match blocker:
        case Blocker.NEEDS_NEW_PACKAGES:
            reason, is_allowed = LeftOutReason.NEEDS_NEW_PACKAGES, rules.allow_new_packages
        case Blocker.NEEDS_REMOVALS:
            reason, is_allowed = LeftOutReason.NEEDS_REMOVALS, rules.allow_removals
        case Blocker.KEPT_BACK:
            reason, is_allowed = LeftOutReason.BLOCKED, rules.allow_new_packages or rules.allow_removals
        case Blocker.OPTIONAL:
            is_named = any(matches(mask, update) for mask in rules.include)
            reason, is_allowed = LeftOutReason.BLOCKED, rules.allow_optional or is_named
            detail = f"optional: {detail or 'the deployment takes none, unless a mask to include names it'}"
        case Blocker.NEEDS_LICENCE:
            reason, is_allowed = LeftOutReason.BLOCKED, rules.accept_licences
            detail = f"needs-licence: {'; '.join(filter(None, (detail, 'the deployment accepts none')))}"
        case _:
            return LeftOut(update, LeftOutReason.BLOCKED, f"{blocker.value}: {detail}" if detail else blocker.value)
    return None if is_allowed else LeftOut(update, reason, detail or blocker.value)


def _judge(
    update: Update, rules: UpdateRules, today: date, now: datetime, first_seen: Mapping[tuple[str, str], datetime]
) -> LeftOut | None:
    if excluded := _excluded_by(rules, today, lambda mask: matches(mask, update)):
        return LeftOut(update, LeftOutReason.EXCLUDED, excluded)
    if update.classification not in rules.classes and not any(matches(mask, update) for mask in rules.include):
        return LeftOut(update, LeftOutReason.NOT_IN_CLASSES, f"class {update.classification.value} is not asked for")
    if blocked := find_blocker(update, rules):
        return blocked
    seen = min(now, first_seen.get(version_key(update), now))
    return _too_young(update, rules.minimum_age_days, seen, now)


def _excluded_by(rules: UpdateRules, today: date, is_meant: Callable[[UpdateMask], bool]) -> str:
    for mask in rules.exclude:
        if is_meant(mask):
            return f"excluded by {mask_text(mask)}"
    for exclusion in rules.exclusions:
        if is_active(exclusion, today) and is_meant(exclusion.mask):
            return describe_exclusion(exclusion)
    return ""


def _too_young(update: Update, minimum_age_days: int, seen: datetime, now: datetime) -> LeftOut | None:
    ripe_at = seen + timedelta(days=minimum_age_days)
    if minimum_age_days <= 0 or ripe_at <= now:
        return None
    days = (now - seen).days
    detail = f"first seen {seen:%Y-%m-%d %H:%M} UTC, {days} of {minimum_age_days} days ago"
    return LeftOut(update, LeftOutReason.TOO_YOUNG, f"{detail}; old enough from {ripe_at:%Y-%m-%d %H:%M} UTC on")


def _leave_doubles_out(updates: Sequence[Update], reasons: list[LeftOut | None], compare: Compare | None) -> None:
    """Of the chosen updates of one package, all but the newest are left out."""
    by_package: dict[tuple[str, str], list[int]] = {}
    for number, update in enumerate(updates):
        if reasons[number] is None:
            by_package.setdefault((update.name, update.architecture), []).append(number)
    for numbers in by_package.values():
        if len(numbers) == 1:
            continue
        newest = _newest([updates[number] for number in numbers], compare)
        kept = next(number for number in numbers if updates[number] == newest)
        for number in set(numbers) - {kept}:
            detail = f"offered twice; {newest.offered_version} is chosen"
            reasons[number] = LeftOut(updates[number], LeftOutReason.SUPERSEDED, detail)


def _newest(updates: Sequence[Update], compare: Compare | None) -> Update:
    by_text = sorted(updates, key=repr)
    if compare is None:
        return by_text[-1]
    by_version = cmp_to_key(compare)
    return max(by_text, key=lambda update: by_version(update.offered_version))
