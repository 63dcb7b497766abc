"""What goes wrong between a client and a peer: on which message, what, and how often."""

import threading
from dataclasses import dataclass, field
from enum import StrEnum


class Message(StrEnum):
    """What a fault hits. CONNECT: a connection as it opens. LOGIN: a message of the login."""

    CONNECT = "connect"
    LOGIN = "login"
    CREATE = "Create"
    COMMAND = "Command"
    SEND = "Send"
    RECEIVE = "Receive"
    SIGNAL = "Signal"
    DELETE = "Delete"


class FaultKind(StrEnum):
    """What happens instead of the answer. The message is not carried out, but where the comment says so."""

    DROP = "drop"
    RESET = "reset"
    HANG = "hang"
    SLOW = "slow"  # carried out, and answered late
    LOST_ANSWER = "lost_answer"  # carried out, and the connection is dropped in place of the answer
    DROP_AFTER = "drop_after"  # carried out and answered, and then the connection is dropped
    HTTP500 = "http500"
    HTTP500_TEXT = "http500text"
    HTTP503 = "http503"
    HTTP502_HTML = "http502html"
    HTML200 = "html200"
    XHTML200 = "xhtml200"
    PORTAL = "portal"  # a captive portal: a redirection to its page of login
    LATIN1_HTML500 = "latin1html500"
    EMPTY200 = "empty200"
    BAD_REQUEST = "400"
    UNAUTHORIZED = "401"
    CLOCK_SKEW = "clock_skew"  # 401, with the words of Kerberos
    SHORT_BODY = "short_body"  # carried out; the body is cut, the connection closed
    DRIBBLE = "dribble"  # carried out; the body comes in small pieces
    TRUNCATE_XML = "truncate_xml"  # carried out; the XML ends in its middle
    BAD_RELATES = "bad_relates"  # carried out; RelatesTo names another message
    BAD_MAC = "bad_mac"  # carried out; the signature of the sealed answer is wrong
    PLAIN = "plain"  # carried out; answered in clear text where messages are sealed
    DISGUISED = "disguised"  # carried out; answered in clear text that is called multipart, as sealed messages are
    ENTITIES = "entities"  # carried out; the XML defines an entity
    ENTITIES500 = "entities500"  # a fault whose XML defines an entity
    GARBAGE = "garbage"
    FAULT = "fault"  # a fault of WS-Management with the code of the fault
    TIMEOUT_FAULT = "timeout_fault"


@dataclass(slots=True)
class Fault:
    """One kind of fault on one kind of message. ``times`` None: for good. ``skip`` messages go well before."""

    on: Message
    kind: FaultKind
    times: int | None = 1
    skip: int = 0
    seconds: float = 1.0
    code: int = 1359
    text: str = "An internal error occurred."


@dataclass(slots=True)
class FaultPlan:
    """The faults of a machine, in the order in which they are met."""

    faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, on: Message, kind: FaultKind, times: int | None = 1, skip: int = 0, **more: object) -> Fault:
        """Plans one more fault, and gives it."""
        fault = Fault(on, kind, times, skip)
        for name, value in more.items():
            setattr(fault, name, value)
        with self._lock:
            self.faults.append(fault)
        return fault

    def clear(self) -> None:
        """Lets everything go well from now on."""
        with self._lock:
            self.faults.clear()

    def take(self, on: Message) -> Fault | None:
        """The fault that hits this message, if one does; it is used up by that."""
        with self._lock:
            for fault in [fault for fault in self.faults if fault.on is on]:
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                return fault
        return None
