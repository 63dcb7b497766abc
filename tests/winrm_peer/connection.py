"""One TCP connection to a peer: requests come in, the login is settled, the service answers, faults strike."""

import asyncio
import contextlib
from dataclasses import dataclass, field, replace

from tests.winrm_peer import envelope, sealing
from tests.winrm_peer.breaking import break_off, hang, is_over
from tests.winrm_peer.envelope import Request, WsmanFault
from tests.winrm_peer.faults import Fault, FaultKind, Message
from tests.winrm_peer.faulty_answers import ANSWERS, NOT_HTTP, PORTAL_PATH, SPOILERS, define_entities
from tests.winrm_peer.http_message import SOAP_TYPE, HttpAnswer, HttpRequest, NotHttp, read_http
from tests.winrm_peer.login import Login
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.service import WsmanService

_DRIBBLE_BYTES = 512
_ACTIONS = {kind.value: kind for kind in Message}
_SKEWED = "Kerberos: KRB_AP_ERR_SKEW: Clock skew too great"


@dataclass(slots=True)
class Connection:
    """A connection of one client. Its keys and its login end with it."""

    machine: PeerMachine
    service: WsmanService
    login: Login
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_for_sealed: bool = field(default=False)

    async def serve(self) -> None:
        """Answers until one side ends it."""
        counters = self.machine.counters
        counters.connections += 1
        counters.connections_open += 1
        try:
            while (request := await read_http(self.reader)) is not None and await self._serve_one(request):
                pass
        except NotHttp:
            self.writer.write(NOT_HTTP.wire())
        except (OSError, asyncio.IncompleteReadError):
            # The other side went away: nobody is left to tell.
            pass
        finally:
            counters.connections_open -= 1
            self.writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(self.writer.wait_closed(), 2)

    async def _serve_one(self, request: HttpRequest) -> bool:
        """Answers one request; whether the connection goes on."""
        if request.path.startswith(PORTAL_PATH):
            return await self._send_plain(ANSWERS[FaultKind.HTML200])
        refused = self.login.admit(request)
        if refused is not None:
            return await self._refuse(request, refused)
        self.is_for_sealed = sealing.is_sealed(request.headers.get("content-type", ""))
        if not request.body:
            return await self._send(HttpAnswer(200))
        try:
            content = sealing.unseal(self.login.context, request.body) if self.is_for_sealed else request.body
            message = envelope.read_request(content)
        except (sealing.Unreadable, ValueError):
            return await self._send(HttpAnswer(400))
        if self._is_clear_text_refused:
            return await self._send(HttpAnswer(500))
        if len(content) > self.machine.limits.most_envelope_bytes:
            words = "The size of the request exceeded the maximum envelope size of the WS-Management service."
            fault = WsmanFault(envelope.TOO_LARGE, words, "w:EncodingLimit")
            return await self._send(HttpAnswer(500, envelope.write_fault(message.message_id, fault)))
        return await self._serve_message(message)

    async def _refuse(self, request: HttpRequest, refused: HttpAnswer) -> bool:
        fault = self.machine.faults.take(Message.LOGIN) if request.login[0] else None
        if fault is None:
            return await self._send(refused)
        return await self._strike(fault, None)

    @property
    def _is_clear_text_refused(self) -> bool:
        return not (self.is_for_sealed or self.login.is_tls or self.machine.limits.allows_unencrypted)

    async def _serve_message(self, message: Request) -> bool:
        self.machine.counters.messages[message.action] += 1
        hit = _ACTIONS.get(message.action)
        fault = self.machine.faults.take(hit) if hit else None
        if fault is None:
            return await self._send(await self._answer(message))
        return await self._strike(fault, message)

    async def _answer(self, message: Request) -> HttpAnswer:
        assert self.login.user is not None
        try:
            return HttpAnswer(200, await self.service.answer(message, self.login.user))
        except WsmanFault as error:
            return HttpAnswer(500, envelope.write_fault(message.message_id, error))

    async def _strike(self, fault: Fault, message: Request | None) -> bool:
        """Lets ``fault`` happen to ``message``, None for a message of the login; whether the connection goes on."""
        self.machine.counters.faults[f"{fault.on}/{fault.kind}"] += 1
        if is_over(fault.kind):
            return await break_off(fault.kind, self.writer)
        if fault.kind is FaultKind.HANG:
            return await hang(self.reader)
        if fault.kind in ANSWERS:
            return await self._send_plain(ANSWERS[fault.kind])
        if fault.kind in (FaultKind.UNAUTHORIZED, FaultKind.CLOCK_SKEW):
            text = _SKEWED if fault.kind is FaultKind.CLOCK_SKEW else ""
            return await self._send_plain(self.login.refuse(text))
        if fault.kind in (FaultKind.FAULT, FaultKind.TIMEOUT_FAULT) or message is None:
            return await self._send(self._fault_answer(fault, message))
        if fault.kind is FaultKind.ENTITIES500:
            return await self._send(HttpAnswer(500, define_entities(self._fault_answer(fault, message).body)))
        if fault.kind is FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
        return await self._deliver_badly(fault.kind, await self._answer(message))

    def _fault_answer(self, fault: Fault, message: Request | None) -> HttpAnswer:
        timed_out = fault.kind is FaultKind.TIMEOUT_FAULT
        code, text = (envelope.OPERATION_TIMEOUT, envelope.TIMED_OUT) if timed_out else (fault.code, fault.text)
        content = envelope.write_fault(message.message_id if message else "", WsmanFault(code, text))
        return HttpAnswer(500, content)

    async def _deliver_badly(self, kind: FaultKind, answer: HttpAnswer) -> bool:
        """Delivers the answer to a message that was carried out, in the way of ``kind``."""
        if kind in SPOILERS:
            return await self._send(HttpAnswer(answer.status, SPOILERS[kind](answer.body)))
        match kind:
            case FaultKind.LOST_ANSWER:
                return await break_off(FaultKind.DROP, self.writer)
            case FaultKind.DROP_AFTER:
                await self._send(answer)
                return False
            case FaultKind.PLAIN:
                return await self._send_plain(answer)
            case FaultKind.DISGUISED:
                return await self._send_plain(replace(answer, content_type="multipart/mixed"))
            case FaultKind.SHORT_BODY:
                sealed = self._sealed(answer)
                self.writer.write(sealed.head(len(sealed.body)) + sealed.body[: len(sealed.body) // 2])
                await self.writer.drain()
                return False
            case FaultKind.DRIBBLE:
                return await self._dribble(self._sealed(answer))
        return await self._send_plain(self._sealed(answer, is_mac_wrong=kind is FaultKind.BAD_MAC))

    def _sealed(self, answer: HttpAnswer, is_mac_wrong: bool = False) -> HttpAnswer:
        if not self.is_for_sealed or answer.content_type != SOAP_TYPE or not answer.body:
            return answer
        body = sealing.seal(self.login.context, answer.body, is_mac_wrong)
        return HttpAnswer(answer.status, body, answer.headers, sealing.SEALED_TYPE)

    async def _send(self, answer: HttpAnswer) -> bool:
        return await self._send_plain(self._sealed(answer))

    async def _send_plain(self, answer: HttpAnswer) -> bool:
        self.writer.write(answer.wire())
        await self.writer.drain()
        return True

    async def _dribble(self, answer: HttpAnswer) -> bool:
        wire = answer.wire()
        for at in range(0, len(wire), _DRIBBLE_BYTES):
            self.writer.write(wire[at : at + _DRIBBLE_BYTES])
            await self.writer.drain()
            await asyncio.sleep(0.001)
        return True
