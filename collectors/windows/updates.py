"""What the agent found, as updates: classified, named, with what keeps each from being installed by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from collectors.windows.assess_answer import FoundAnswer, SourceAnswer, UpdateAnswer
from collectors.windows.results import is_success
from collectors.windows.update_classes import classify, find_product, plain_id
from collectors.windows.update_names import UpdateNames, article_number
from fleet.hostile import clean
from fleet.updates import Blocker, Classification, RebootBehavior, Update, WindowsUpdate

_GIB = 1024**3
# What the agent names as the most is at times that of all files of all languages and versions: tens of GiB.
_MOST_PLAUSIBLE_BYTES = 8 * _GIB
_EXCLUSIVE = 2  # InstallationImpact iiRequiresExclusiveHandling
_OPTIONAL_INSTALLATION = 4  # DeploymentAction daOptionalInstallation
_APPROVED_ACTIONS = frozenset({1, _OPTIONAL_INSTALLATION})
_REBOOTS: Mapping[int, RebootBehavior] = {
    0: RebootBehavior.NEVER,
    1: RebootBehavior.ALWAYS,
    2: RebootBehavior.CAN_REQUEST,
}
WSUS = "WSUS"
_SOURCES: Mapping[str, str] = {
    "7971f918-a847-4430-9279-4a52d1efe18d": "Microsoft Update",
    "9482f4b4-e343-43b6-b170-9a65bc822c77": "Windows Update",
    "3da21691-e39d-4da6-8a4b-b43877bcb1b7": WSUS,
    "117cab2d-82b1-4b5a-a08c-4d62dbee7782": "Windows Store",
}
_INSTALLATION, _REMOVAL = 1, 2
_SUCCEEDED = frozenset({2, 3})


@dataclass(frozen=True, slots=True)
class Superseded:
    """An update that is offered although another one that is offered takes its place, by their names."""

    name: str
    by: str


@dataclass(frozen=True, slots=True)
class FoundUpdates:
    """What a search amounts to. ``nameless`` are the titles of what has no id: it can be neither known nor ordered."""

    updates: tuple[Update, ...]
    superseded: tuple[Superseded, ...]
    installed: Mapping[tuple[str, str], str]
    nameless: tuple[str, ...]


def read_found(found: FoundAnswer, source: SourceAnswer) -> FoundUpdates:
    """The updates that are missing, in the agent's order, and what is installed."""
    offered = _newest_revisions(found.updates)
    installed = found.installed or ()
    names = UpdateNames([*((each.id, each.title) for each in offered), *((each.id, each.title) for each in installed)])
    by_id = {plain_id(each.id): each for each in offered}
    replaced_by = _replaced_by(by_id)
    approval_source = find_source(found, source)
    return FoundUpdates(
        updates=tuple(
            _make_update(each, names, approval_source) for key, each in by_id.items() if key not in replaced_by
        ),
        superseded=tuple(
            Superseded(_name(by_id[old], names), _name(by_id[new], names)) for old, new in replaced_by.items()
        ),
        installed=MappingProxyType(_list_installed(found, names, frozenset(by_id))),
        nameless=tuple(each.title or "without a title" for each in found.updates if not plain_id(each.id)),
    )


def is_wsus_used(source: SourceAnswer) -> bool:
    """Whether a WSUS is asked: an address without ``UseWUServer`` is not in use."""
    return bool(source.wu_server) and source.use_wu_server == 1


def find_source(found: FoundAnswer | None, source: SourceAnswer) -> str:
    """Where updates come from, in Update Management's words; empty where nothing tells."""
    if is_wsus_used(source):
        return WSUS
    asked = plain_id(found.search.service_id) if found is not None else ""
    known = _SOURCES.get(asked) or _SOURCES.get(plain_id(source.service_id))
    return known or source.service_name or ("Windows Update" if found is not None else "")


def _newest_revisions(updates: Iterable[UpdateAnswer]) -> list[UpdateAnswer]:
    newest: dict[str, UpdateAnswer] = {}
    for each in updates:
        key = plain_id(each.id)
        if key and (key not in newest or (each.revision or 0) > (newest[key].revision or 0)):
            newest[key] = each
    return list(newest.values())


def _replaced_by(by_id: Mapping[str, UpdateAnswer]) -> dict[str, str]:
    """For each update that another one takes the place of, the last one that does; two that name each other both stay.

    One that a person hid, or that is optional, takes nobody's place.
    """
    named = {key: frozenset(map(plain_id, each.superseded)) & by_id.keys() for key, each in by_id.items()}
    replaced: dict[str, str] = {}
    for key, each in by_id.items():
        if each.is_hidden or _is_optional(each):
            continue
        for other in named[key]:
            if other != key and key not in named[other]:
                replaced[other] = key
    last: dict[str, str] = {}
    for old in replaced:
        _follow(old, replaced, last)
    return {old: last[old] for old in by_id if old in replaced and last[old] not in replaced}


def _follow(old: str, replaced: Mapping[str, str], last: dict[str, str]) -> None:
    """Notes in ``last`` what stands at the end for ``old`` and all between; of a ring, one that is in it."""
    path: dict[str, None] = {}
    while old in replaced and old not in last and old not in path:
        path[old] = None
        old = replaced[old]
    end = last.get(old, old)
    last.update(dict.fromkeys(path, end))


def _name(update: UpdateAnswer, names: UpdateNames) -> str:
    return names.name(update.id, update.title, update.kb)


def _make_update(update: UpdateAnswer, names: UpdateNames, approval_source: str) -> Update:
    classification, rests_on = classify(update)
    articles = tuple(dict.fromkeys(article_number(each) for each in update.kb if article_number(each)))
    blocker, detail = _find_blocker(update, classification)
    revision = "" if update.revision is None else str(update.revision)
    return Update(
        name=_name(update, names),
        architecture="",
        installed_version="",
        offered_version=f"KB{articles[0]}" if articles else f"rev {revision or '?'}",
        classification=classification,
        classification_source=rests_on,
        repository=approval_source,
        blocker=blocker,
        blocker_detail=detail,
        size_bytes=_size_bytes(update, classification),
        severity=update.severity or "",
        advisories=tuple(f"KB{each}" for each in articles),
        urls=(update.support_url,) if update.support_url.startswith(("https://", "http://")) else (),
        cves=tuple(clean(each.upper()) for each in update.cve),
        published_at=update.last_deployment_change_utc,
        windows=_describe(update, articles, approval_source, revision),
    )


def _describe(update: UpdateAnswer, articles: tuple[str, ...], approval_source: str, revision: str) -> WindowsUpdate:
    action = update.deployment_action
    return WindowsUpdate(
        update_id=plain_id(update.id),
        revision=revision,
        kb=articles,
        product=find_product(update.categories),
        approval_source=approval_source,
        severity=update.severity or "",
        bulletins=update.bulletins,
        reboot_behavior=None if update.reboot_behavior is None else _REBOOTS.get(update.reboot_behavior),
        is_optional=_is_optional(update),
        is_hidden=update.is_hidden is True,
        is_downloaded=update.is_downloaded is True,
        is_exclusive=update.impact == _EXCLUSIVE,
        is_approved=None if action is None else action in _APPROVED_ACTIONS,
        is_licence_accepted=update.eula_accepted is not False,
    )


def _is_optional(update: UpdateAnswer) -> bool:
    return update.browse_only is True or update.deployment_action == _OPTIONAL_INSTALLATION


def _find_blocker(update: UpdateAnswer, classification: Classification) -> tuple[Blocker | None, str]:
    """Why the update is not installed by itself: a person's decision before what nobody decided."""
    if update.is_hidden:
        return Blocker.HIDDEN, "somebody hid it on the machine"
    if classification is Classification.UPGRADES:
        return Blocker.OPTIONAL, "a new version of Windows, which is installed only where it is asked for"
    if classification is Classification.DRIVERS:
        return Blocker.OPTIONAL, "a driver, which is installed only where it is asked for"
    if _is_optional(update):
        return Blocker.OPTIONAL, "a preview or optional update, which is installed only where it is asked for"
    if update.can_request_user_input:
        return Blocker.NEEDS_PERSON, "it may ask questions while it is installed"
    if update.eula_accepted is False:
        return Blocker.NEEDS_LICENCE, "its licence is not accepted on the machine"
    return None, ""


def _size_bytes(update: UpdateAnswer, classification: Classification) -> int | None:
    """The download, None where what the agent names is not it: of definitions it downloads a hundredth."""
    size = update.max_download_bytes
    if size is None or size <= 0 or classification is Classification.DEFINITION_UPDATES:
        return None
    return size if size <= _MOST_PLAUSIBLE_BYTES else None


def _list_installed(found: FoundAnswer, names: UpdateNames, offered: frozenset[str]) -> dict[tuple[str, str], str]:
    """What is installed by its name, with its first article; by the search for it, and by the history.

    What is offered is not installed, whatever the history says. Each is there by its id, too: its name changes with its
    title, and where another update comes to share that.
    """
    listed: dict[tuple[str, str], str] = {}
    rows = [(each.id, each.title, each.kb) for each in found.installed or ()]
    for update_id, title, kb in [*rows, *_installed_by_history(found)]:
        if plain_id(update_id) not in offered:
            value = f"KB{article_number(kb[0])}" if kb else "installed"
            for name in (names.name(update_id, title, kb), plain_id(update_id)):
                listed.setdefault((name, ""), value)
    return listed


def _installed_by_history(found: FoundAnswer) -> Sequence[tuple[str, str, tuple[str, ...]]]:
    """What the last entry of the history for it says is installed; the newest entries come first."""
    last: dict[str, tuple[str, tuple[str, ...]] | None] = {}
    for entry in found.history:
        key = plain_id(entry.update_id)
        went_well = entry.result_code in _SUCCEEDED and (not entry.hresult or is_success(entry.hresult))
        if not key or key in last or not went_well or entry.operation not in (_INSTALLATION, _REMOVAL):
            continue
        last[key] = (entry.title, _articles_of(entry.title)) if entry.operation == _INSTALLATION else None
    return [(key, *each) for key, each in last.items() if each is not None]


def _articles_of(title: str) -> tuple[str, ...]:
    words = title.replace("(", " ").replace(")", " ").split()
    return tuple(word for word in words if word.startswith("KB") and word[2:].isdecimal())[:1]
