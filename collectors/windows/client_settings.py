"""The settings of the Windows Update client on one machine: asked for, and written. What a machine says is hostile."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from collectors.transports.base import Transport
from collectors.windows.asking import ask
from collectors.windows.loose_json import null_of, read_items
from collectors.windows.script_call import call_script
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name, scrub
from fleet.update_client.group_policy import PolicyEntry, read_policy_file
from fleet.update_client.held import MOST_CHARACTERS, MOST_NUMBER, Held, HeldKind
from fleet.update_client.planning import SettingChange
from fleet.update_client.snapshot import ClientSnapshot
from fleet.update_client.values import MICROSOFT_UPDATE, VALUES

_MOST_MANAGED = 100
_MOST_ERRORS = 20
_MOST_POLICY_BYTES = 1024 * 1024
# Somebody's name, and perhaps a password, before the host of a URL.
_USER_IN_URL = re.compile(r"//[^/]*@")
_REGISTERED, _NOT_REGISTERED, _PENDING = "0x00000015", "0x00000016", "0x00000017"


class ApplyState(StrEnum):
    """What became of writing: APPLIED, or nothing (REFUSED, CHANGED_MEANWHILE, UNDONE); PARTLY: some of it."""

    APPLIED = "applied"
    REFUSED = "refused"
    CHANGED_MEANWHILE = "changed-meanwhile"
    UNDONE = "undone"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class Applied:
    """What the machine says that it did. ``now`` are the values as they were read back.

    ``is_registered`` is that of Microsoft Update where that was asked for, None where that failed or is not known.
    """

    state: ApplyState
    now: Mapping[str, Held | None]
    is_registered: bool | None = None
    problems: tuple[str, ...] = ()


async def read_client(transport: Transport, *, deadline_seconds: float) -> ClientSnapshot:
    """The settings as they are now; nothing is changed.

    Raises:
        TransportFailed: the machine was not reached, or gave no answer.
    """
    asked = [{"name": value.name, "key": value.key, "value": value.registry_name} for value in VALUES]
    answer = await ask(transport, call_script("configure_read", {"values": asked}), deadline_seconds=deadline_seconds)
    return read_snapshot(answer)


async def write_client(transport: Transport, changes: Sequence[SettingChange], *, deadline_seconds: float) -> Applied:
    """Makes ``changes`` where each value still is what it is expected to be before: all of them, or none.

    Raises:
        TransportFailed: the machine was not reached, or gave no answer; what it did by then is not known.
    """
    plain = [
        {"name": change.name, "expected": _told(change.before), "wanted": _told(change.after)}
        for change in changes
        if change.name != MICROSOFT_UPDATE
    ]
    deeds = ["add" if change.after is not None else "remove" for change in changes if change.name == MICROSOFT_UPDATE]
    told = {"changes": plain, "service": deeds[0] if deeds else None}
    return read_applied(
        await ask(transport, call_script("configure_apply", told), deadline_seconds=deadline_seconds), bool(deeds)
    )


async def look_for_microsoft_update(transport: Transport, *, deadline_seconds: float) -> Applied:
    """Whether Microsoft Update is registered, found out by a task of SYSTEM: some Windows tell nobody else.

    Raises:
        TransportFailed: as `write_client`.
    """
    call = call_script("configure_apply", {"changes": [], "service": "look"})
    return read_applied(await ask(transport, call, deadline_seconds=deadline_seconds), True)


def read_snapshot(answer: Mapping[str, object]) -> ClientSnapshot:
    """What `configure_read` answered, as far as it can be read; the rest is not known."""
    computer, services = _mapping(answer.get("computer")), _mapping(answer.get("services"))
    problems = list(_problems(answer))
    policies, unreadable = _policies(answer, _is_true(computer.get("is_domain_member")))
    return ClientSnapshot(
        values=_values(answer),
        is_microsoft_update_registered=_is_true(services.get("is_microsoft_update_registered")),
        policies=policies,
        managed_by=tuple(clean_name(str(name)) for name in _items(answer.get("managed"))[:_MOST_MANAGED]),
        domain=_text_of(computer, "domain"),
        is_domain_member=_is_true(computer.get("is_domain_member")),
        build=_number_of(computer, "build"),
        product_type=_number_of(computer, "product_type"),
        caption=_text_of(computer, "caption"),
        is_administrator=_is_true(computer.get("is_administrator")),
        notes=(*problems, *unreadable),
    )


def read_applied(answer: Mapping[str, object], is_service_asked: bool) -> Applied:
    """What `configure_apply` answered. A state that is none counts as PARTLY: what was done is not known then."""
    said = str(answer.get("state"))
    state = next((state for state in ApplyState if state == said), ApplyState.PARTLY)
    names = {value.name for value in VALUES if value.is_settable}
    changes = [_mapping(item) for item in _items(answer.get("changes"))]
    now = {name: _held(item.get("after")) for item in changes if (name := str(item.get("name"))) in names}
    problems = list(_problems(answer))
    is_registered = None
    if is_service_asked and state is ApplyState.APPLIED:
        result = str(answer.get("service_result") or "")
        is_registered = {_REGISTERED: True, _PENDING: True, _NOT_REGISTERED: False}.get(result)
        if is_registered is None and result:
            problems.append(f"the task for Microsoft Update ended with {clean(result, 20)}")
        if result == _PENDING:
            problems.append("Microsoft Update is registered at the agent's next look for updates")
    return Applied(state, now, is_registered, tuple(problems))


def _values(answer: Mapping[str, object]) -> Mapping[str, Held]:
    names = {value.name for value in VALUES}
    said = [_mapping(item) for item in _items(answer.get("values"))]
    found = {str(item.get("name")): _held(item.get("held")) for item in said}
    return {name: held for name, held in found.items() if held is not None and name in names}


def _held(said: object) -> Held | None:
    """A value of the registry; None where there is none. What could not be put back as it is is of another type."""
    if null_of(said) is None:
        return None
    item = _mapping(said)
    kind, number, text = item.get("kind"), item.get("number"), item.get("text")
    if kind == HeldKind.NUMBER and isinstance(number, int) and 0 <= number <= MOST_NUMBER:
        return Held(HeldKind.NUMBER, number=int(number))
    if kind not in (HeldKind.TEXT, HeldKind.EXPANDED) or not isinstance(text, str):
        return Held(HeldKind.OTHER, text=clean(str(text or kind), 40))
    if _USER_IN_URL.search(text):
        return Held(HeldKind.OTHER, text="URL with a name or a password in it")
    if len(text) > MOST_CHARACTERS or scrub(text) != text:
        return Held(HeldKind.OTHER, text="text that is too long, or has control characters")
    return Held(HeldKind(str(kind)), text=text)


def _policies(
    answer: Mapping[str, object], is_member: bool | None
) -> tuple[tuple[PolicyEntry, ...] | None, tuple[str, ...]]:
    """What Group Policy sets, and what of it could not be read. What was applied last counts most."""
    files = {str(item.get("source")): item for item in map(_mapping, _items(answer.get("policy_files")))}
    found: list[PolicyEntry] = []
    notes: list[str] = []
    for source in ("local", "applied"):
        file = files.get(source, {})
        if file.get("exists") is not True:
            continue
        try:
            found.extend(read_policy_file(_content(file), f"the {source} file of Group Policy"))
        except (UnreadableOutput, binascii.Error, ValueError) as error:
            notes.append(clean(str(error), 200))
    is_unknown = bool(notes) or (is_member is not False and files.get("applied", {}).get("exists") is not True)
    return None if is_unknown else tuple(found), tuple(notes)


def _content(file: Mapping[str, object]) -> bytes:
    content = file.get("content")
    if not isinstance(content, str) or len(content) > _MOST_POLICY_BYTES:
        raise ValueError("A file of Group Policy could not be read.")
    return base64.b64decode(content, validate=True)


def _problems(answer: Mapping[str, object]) -> Iterator[str]:
    for item in map(_mapping, _items(answer.get("errors"))[:_MOST_ERRORS]):
        yield clean(f"{item.get('stage')}: {item.get('message')} ({item.get('hresult')})", 300)


def _told(held: Held | None) -> Mapping[str, object] | None:
    return None if held is None else {"kind": held.kind.value, "number": held.number, "text": held.text}


def _items(said: object) -> list[object]:
    """The items of a list, whatever PowerShell has made of it; far too many are none."""
    try:
        return list(read_items(said, "settings"))
    except UnreadableOutput:
        return []


def _mapping(said: object) -> Mapping[str, object]:
    return said if isinstance(said, dict) else {}


def _is_true(said: object) -> bool | None:
    return said if isinstance(said, bool) else None


def _number_of(item: Mapping[str, object], name: str) -> int:
    said = item.get(name)
    return said if isinstance(said, int) and 0 <= said <= MOST_NUMBER else 0


def _text_of(item: Mapping[str, object], name: str) -> str:
    said = item.get(name)
    return clean_name(said) if isinstance(said, str) else ""
