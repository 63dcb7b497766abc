"""Whether an answer is WinRM's, and the answer to what was asked: pywinrm takes any XML, and asks again for ever."""

import re
from xml.etree import ElementTree as ET

from collectors.transports.winrm_wire import ForeignReply
from fleet.hostile import clean, decode

_ENVELOPE = "{http://www.w3.org/2003/05/soap-envelope}Envelope"
_RELATES_TO = ".//{http://schemas.xmlsoap.org/ws/2004/08/addressing}RelatesTo"
_RECEIVED = ".//{http://schemas.microsoft.com/wbem/wsman/1/windows/shell}ReceiveResponse"
_MESSAGE_ID = re.compile(r"<a:MessageID>uuid:([0-9a-f-]{36})</a:MessageID>")
_ACTION = re.compile(r"<a:Action[^>]*>[^<]*/(\w+)</a:Action>")
_QUOTED_BYTES = 80
_RECEIVE = "Receive"
_BEGIN = b":Envelope"
_DOCUMENT_TYPE = b"<!DOCTYPE"


class ReplyCut(Exception):
    """An answer of WinRM that ends in its middle."""


def name_of(message: str) -> str:
    """What WS-Management calls ``message``: Create, Command, Send, Receive, Signal or Delete."""
    found = _ACTION.search(message)
    return found[1] if found else "message"


def check_reply(message: str, reply: bytes) -> None:
    """Returns if ``reply`` answers ``message``.

    Raises:
        ForeignReply: it does not; says what it is.
        ReplyCut: it may, and is not whole.
    """
    try:
        root = ET.fromstring(reply)  # noqa: S314 - whoever asked has seen to it that it defines no entities
    except (ET.ParseError, ValueError) as error:
        if _BEGIN in reply[:_QUOTED_BYTES]:
            raise ReplyCut from error
        raise ForeignReply(describe(reply)) from error
    if root.tag != _ENVELOPE:
        raise ForeignReply(describe(reply))
    asked = _MESSAGE_ID.search(message)
    answered = (root.findtext(_RELATES_TO) or "").strip().lower().removeprefix("uuid:")
    if asked is None or answered != asked[1]:
        raise ForeignReply("an answer to another message")
    if name_of(message) == _RECEIVE and root.find(_RECEIVED) is None:
        raise ForeignReply("an answer that says nothing of the command")


def check_definitions(reply: bytes) -> None:
    """Returns if ``reply`` defines no entities: 2 MB of XML may grow to 200 MB by them, within what expat allows.

    Raises:
        ForeignReply: it has a document type, which SOAP forbids and WinRM never sends.
    """
    if _DOCUMENT_TYPE in reply.replace(b"\0", b""):  # UTF-16, too
        raise ForeignReply("XML with definitions of its own (DOCTYPE)")


def describe(reply: bytes) -> str:
    """What ``reply``, which is not WinRM's, looks like."""
    if not reply.strip():
        return "an empty answer"
    began = clean(decode(reply[: 10 * _QUOTED_BYTES]), _QUOTED_BYTES)
    return f"{'a web page' if b'<html' in reply[:1000].lower() else 'something else'}: {began!r}"
