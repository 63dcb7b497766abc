"""The messages of WS-Management, as WinRM reads and writes them: SOAP 1.2 with the shell's resource.

Source: [MS-WSMV], [DMTF DSP0226]; the codes of faults are those of wsmerror.h.
"""

import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
CMD = f"{SHELL}/cmd"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
STATE = f"{SHELL}/CommandState"
_FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
_NAMES = f'xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:w="{WSMAN}" xmlns:rsp="{SHELL}" xmlns:x="{TRANSFER}"'
_SECONDS = re.compile(r"^P(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")

OPERATION_TIMEOUT = 2150858793
SHELL_GONE = 2150858843
TOO_MANY_SHELLS = 2150859173
TOO_MANY_OPERATIONS = 2150859174
TOO_LARGE = 2150858824
UNKNOWN_ACTION = 2150858753
ACCESS_DENIED = 5
TIMED_OUT = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout."
ABORTED = 995


class WsmanFault(Exception):
    """A fault that answers a message: its code, and WinRM's words."""

    def __init__(self, code: int, text: str, subcode: str = "w:InternalError") -> None:
        super().__init__(text)
        self.code = code
        self.subcode = subcode


@dataclass(frozen=True, slots=True)
class Request:
    """A message as it came in. ``action`` is the last word of its action: Create, Command, Send …"""

    action: str
    message_id: str
    shell_id: str
    timeout_seconds: float
    most_bytes: int
    body: ET.Element
    options: dict[str, str]

    def find(self, name: str) -> ET.Element | None:
        """The first element of the shell's schema called ``name`` in the body."""
        return self.body.find(f".//{{{SHELL}}}{name}")

    def text_of(self, name: str) -> str:
        """What stands in that element, empty where it is not there."""
        found = self.find(name)
        return "" if found is None else found.text or ""


def read_request(content: bytes) -> Request:
    """The message in ``content``.

    Raises:
        ValueError: it is no SOAP envelope.
    """
    try:
        root = ET.fromstring(content)
    except ET.ParseError as error:
        raise ValueError(str(error)) from error
    header, body = root.find(f"{{{SOAP}}}Header"), root.find(f"{{{SOAP}}}Body")
    if header is None or body is None:
        raise ValueError("no envelope")
    return Request(
        action=(header.findtext(f"{{{ADDRESSING}}}Action") or "").rpartition("/")[2],
        message_id=header.findtext(f"{{{ADDRESSING}}}MessageID") or "",
        shell_id=_selected(header),
        timeout_seconds=_seconds(header.findtext(f"{{{WSMAN}}}OperationTimeout") or ""),
        most_bytes=int(header.findtext(f"{{{WSMAN}}}MaxEnvelopeSize") or 153600),
        body=body,
        options={node.get("Name", ""): node.text or "" for node in header.iter(f"{{{WSMAN}}}Option")},
    )


def write_answer(request_id: str, action: str, body: str) -> bytes:
    """The envelope that answers the message ``request_id`` with ``body``."""
    return _envelope(f"<a:Action>{escape(action)}</a:Action>", request_id, body)


def write_fault(request_id: str, fault: WsmanFault) -> bytes:
    """The envelope of a fault."""
    text = escape(str(fault))
    named = f'xmlns:f="{_FAULT}" Code="{fault.code}" Machine="peer"'
    detail = f"<f:WSManFault {named}><f:Message>{text}</f:Message></f:WSManFault>"
    body = (
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>"
        f"{escape(fault.subcode)}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{text}</s:Text></s:Reason><s:Detail>{detail}</s:Detail></s:Fault>'
    )
    return _envelope("<a:Action>http://schemas.dmtf.org/wbem/wsman/1/wsman/fault</a:Action>", request_id, body)


def shell_created(shell_id: str) -> str:
    """The body that answers Create."""
    selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet>'
    return (
        f"<x:ResourceCreated><a:Address>{ADDRESSING}/role/anonymous</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{CMD}</w:ResourceURI>{selector}</a:ReferenceParameters></x:ResourceCreated>"
        f"<rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId><rsp:InputStreams>stdin</rsp:InputStreams>"
        "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
    )


def command_started(command_id: str) -> str:
    """The body that answers Command."""
    return f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>"


def received(command_id: str, pieces: list[tuple[str, str]], exit_code: int | None) -> str:
    """The body that answers Receive: pieces of streams in base64, and the state of the command."""
    known = f"CommandId={quoteattr(command_id)}"
    streams = "".join(f'<rsp:Stream Name="{name}" {known}>{text}</rsp:Stream>' for name, text in pieces)
    if exit_code is None:
        state = f'<rsp:CommandState {known} State="{STATE}/Running"/>'
    else:
        streams += "".join(f'<rsp:Stream Name="{name}" {known} End="true"/>' for name in ("stdout", "stderr"))
        code = f"<rsp:ExitCode>{exit_code}</rsp:ExitCode>"
        state = f'<rsp:CommandState {known} State="{STATE}/Done">{code}</rsp:CommandState>'
    return f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"


def _envelope(action: str, request_id: str, body: str) -> bytes:
    relates = f"<a:RelatesTo>{escape(request_id)}</a:RelatesTo>" if request_id else ""
    header = f"{action}<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>{relates}"
    return (
        f'<s:Envelope xml:lang="en-US" {_NAMES}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def _selected(header: ET.Element) -> str:
    found = (node for node in header.iter(f"{{{WSMAN}}}Selector") if node.get("Name") == "ShellId")
    return next((node.text or "" for node in found), "")


def _seconds(duration: str) -> float:
    found = _SECONDS.match(duration)
    if not found or not any(found.groups()):
        return 60.0
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
