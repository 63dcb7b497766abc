"""Missing updates as rows."""

import re
from collections.abc import Collection, Iterable, Sequence

from fleet.assessments import count_missing
from fleet.errors import BadInput, UnknownName
from fleet.updates import Classification, Update
from ops.cli.listing import Column, Listing
from ops.cli.values import as_text, count_of
from ops.deployments.definition_words import CLASS_WORDS
from ops.missing import MissingUpdate
from ops.missing_groups import MissingGroup

INSTALLABLE = "an ordinary upgrade installs it"

# Most are numbers, but not all are.
_ARTICLE = re.compile(r"(?:KB)?([0-9A-Z][0-9A-Z-]{0,19})")
_UNITS = ("B", "kB", "MB", "GB")


def parse_classes(names: Sequence[str]) -> set[Classification]:
    """The classes called ``names``, in the words of deployments.

    Raises:
        UnknownName: there is no such class.
    """
    for name in names:
        if name.casefold() not in CLASS_WORDS:
            raise UnknownName("class", name, CLASS_WORDS)
    return {CLASS_WORDS[name.casefold()] for name in names}


def parse_articles(texts: Sequence[str]) -> set[str]:
    """The articles that ``KB5044284`` or ``5044284`` name, without ``KB``, in capitals.

    Raises:
        BadInput: a text is no article.
    """
    found = {text: _ARTICLE.fullmatch(text.strip().upper()) for text in texts}
    for text, match in found.items():
        if match is None:
            raise BadInput(f'--kb "{text[:60]}" is no article of Microsoft: write KB5044284 or 5044284.')
    return {match[1] for match in found.values() if match}


def has_article(update: Update, articles: Collection[str]) -> bool:
    """Whether one of ``articles``, as `parse_articles` gives them, is one of the update's."""
    return update.windows is not None and any(number.upper() in articles for number in update.windows.kb)


def show_size(value: object) -> str:
    """Bytes as ``950 B``, ``1.2 kB``, ``34 MB``; empty where they are not known."""
    if not isinstance(value, int):
        return ""
    size, unit = float(value), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 10 else f"{size:.1f} {_UNITS[unit]}"


def _show_class(value: object) -> str:
    return next((name for name, class_ in CLASS_WORDS.items() if class_ is value), as_text(value))


def _show_why(value: object) -> str:
    return "yes" if value == INSTALLABLE else f"no: {as_text(value)}"


_COLUMNS = (
    Column("machine", "Machine"),
    Column("name", "Update"),
    Column("architecture", "Arch", is_extra=True),
    Column("installed_version", "Installed", is_extra=True),
    Column("offered_version", "Offered"),
    Column("classification", "Class", _show_class),
    Column("severity", "Severity", is_extra=True),
    Column("is_installable"),
    Column("why", "Installable", _show_why),
    Column("repository", "From", is_extra=True),
    Column("size_bytes", "Size", show_size, is_number=True, is_extra=True),
    Column("blocker"),
    Column("blocker_detail"),
    Column("classification_source"),
    Column("first_seen"),
    Column("fleet_first_seen"),
    Column("seen_at"),
    Column("machine_id"),
    Column("kb"),
    Column("update_id"),
    Column("revision"),
    Column("product"),
    Column("approval_source"),
    Column("reboot_behavior"),
    Column("is_optional"),
    Column("published_at"),
)


_GROUP_COLUMNS = (
    Column("name", "Update"),
    Column("architecture", "Arch", is_extra=True),
    Column("offered_version", "Offered"),
    Column("classification", "Class", _show_class),
    Column("severity", "Severity", is_extra=True),
    Column("machines", "Machines", is_number=True),
    Column("installable", "Installable", is_number=True),
    Column("blockers", "Not installable"),
    Column("first_seen", is_extra=True),
    Column("repository", "From", is_extra=True),
    Column("kb"),
    Column("update_id"),
)


def list_update_groups(groups: Iterable[MissingGroup]) -> Listing:
    """A row for each update, on how many machines it is missing and why not all of them would install it."""
    return Listing(_GROUP_COLUMNS, [_group_row(group) for group in groups])


def _group_row(group: MissingGroup) -> tuple[object, ...]:
    update = group.update
    return (
        update.name,
        update.architecture,
        update.offered_version,
        update.classification,
        update.severity,
        group.machine_count,
        group.installable,
        list(group.blockers),
        group.first_seen,
        update.repository,
        list(update.windows.kb) if update.windows else [],
        update.windows.update_id if update.windows else "",
    )


def list_updates(missing: Sequence[MissingUpdate]) -> Listing:
    """A row for each update that a machine misses."""
    return Listing(_COLUMNS, [_row(found) for found in missing])


def describe_total(shown: Sequence[MissingUpdate], missing: Sequence[MissingUpdate]) -> str:
    """One line: how many updates on how many machines, how many of them are installable, and what is no lack.

    Definitions and what is set aside are listed, and no part of what `count_missing` and all that rests on it count.
    """
    on_machines = f"on {count_of(len({found.machine_id for found in shown}), 'machine')}"
    installable = f"{sum(found.update.is_installable for found in shown)} of them installable now"
    chosen = f" (of {len(missing)})" if len(shown) != len(missing) else ""
    counts = count_missing(tuple(found.update for found in shown))
    if not counts.definitions and not counts.set_aside:
        return f"{count_of(len(shown), 'missing update')}{chosen} {on_machines}, {installable}."
    apart = f"definitions: {counts.definitions}, set aside: {counts.set_aside}"
    updates = f"{count_of(len(shown), 'update')}{chosen} {on_machines}, {installable}"
    return f"{updates}; {counts.total} count as missing, the others do not ({apart})."


def _row(found: MissingUpdate) -> tuple[object, ...]:
    update = found.update
    return (
        found.machine_name,
        update.name,
        update.architecture,
        update.installed_version,
        update.offered_version,
        update.classification,
        update.severity,
        update.is_installable,
        _why(found),
        update.repository,
        update.size_bytes,
        update.blocker,
        update.blocker_detail,
        update.classification_source,
        found.first_seen,
        found.fleet_first_seen,
        found.seen_at,
        found.machine_id,
        *_of_windows(update),
        update.published_at,
    )


def _of_windows(update: Update) -> tuple[object, ...]:
    """From ``kb`` to ``is_optional``; nothing is said of any other update."""
    known = update.windows
    if known is None:
        return ([], "", "", "", "", None, None)
    behavior = known.reboot_behavior
    return (
        list(known.kb),
        known.update_id,
        known.revision,
        known.product,
        known.approval_source,
        behavior,
        known.is_optional,
    )


def _why(found: MissingUpdate) -> str:
    update = found.update
    if update.blocker is None:
        return INSTALLABLE
    return f"{update.blocker.value} ({update.blocker_detail})" if update.blocker_detail else update.blocker.value
