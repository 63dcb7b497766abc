"""The figures of one program in a terminal, and those that only Patchdeck has."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.pty_session import Answer, Ended, Line, Session
from bench.tui_programs import Program
from ops.state.database import opened
from ops.state.statuses import StatusBook

_PRESSED, _HELD, _HELD_PER_SECOND, _IDLE_SECONDS = 20, 45, 30, 10.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What can be said of any program. Bytes are those that come, milliseconds count from the key or the start."""

    ready_ms: float
    start_cpu_ms: float
    start_bytes: float
    memory_mib: float
    step_bytes: float
    step_ms: float
    page_bytes: float
    typed_bytes: float
    idle_bytes: float
    idle_percent: float
    far_ready_ms: float
    far_lag_ms: float


@dataclass(frozen=True, slots=True)
class Own:
    """What only Patchdeck has: the whole fleet, its filter, its editor, missing updates, and data that change."""

    whole_ms: float
    whole_mib: float
    scroll_bytes: float
    filter_ms: float
    sql_bytes: float
    missing_ms: float
    missing_step_bytes: float
    missing_mib: float
    live_bytes: float
    live_percent: float


def measure(program: Program, columns: int, rows: int, starts: int) -> Figures:
    """Starts ``program`` some times, then uses it once at hand and once over a slow line."""
    begun = [_start(program, columns, rows) for _ in range(starts)]
    session = _open(program, columns, rows)
    session.settle()
    memory = session.memory_mib()
    for keys, told in program.to_table:
        session.send(keys)
        session.until(lambda told=told: session.shows(told))  # type: ignore[misc]  # told is bound at once
    session.settle(1)
    idle_bytes, idle_percent = _idle(session)
    steps = _press(session, program.step)
    pages = _press(session, program.page, 5)
    session.press(program.to_typing, 0.5)
    typed = _press(session, program.typed, 5)
    session.close()
    far_ready, lag = _far(program, columns, rows)
    return Figures(
        ready_ms=1_000 * statistics.median(ready for ready, _, _ in begun),
        start_cpu_ms=1_000 * statistics.median(cpu for _, cpu, _ in begun),
        start_bytes=statistics.median(size for _, _, size in begun),
        memory_mib=memory,
        step_bytes=_bytes(steps),
        step_ms=1_000 * statistics.quantiles([each.first_seconds for each in steps], n=20)[-1],
        page_bytes=_bytes(pages),
        typed_bytes=_bytes(typed),
        idle_bytes=idle_bytes,
        idle_percent=idle_percent,
        far_ready_ms=1_000 * far_ready,
        far_lag_ms=1_000 * lag,
    )


def measure_own(program: Program, home: Path, columns: int, rows: int) -> Own:
    """Uses Patchdeck as an administrator does, over ``home``."""
    session = _open(program, columns, rows)
    whole = session.until(lambda: session.shows("Machines 10,000"))
    session.settle(1)
    memory = session.memory_mib()
    _press(session, program.page, 2)
    scrolled = _press(session, program.step, 8)
    session.press(b"/", 0.5)
    filtered = [session.press(letter.encode(), 0.3) for letter in "web-fra-0"]
    session.press(b"\x1b", 0.5)
    live_bytes, live_percent = _live(session, home)
    asked = time.perf_counter()
    session.send(b"2")
    session.until(lambda: session.shows("Missing updates 2,") or session.shows("Missing updates 1,"))
    missing = time.perf_counter() - asked
    session.settle(1)
    missing_mib = session.memory_mib()
    missing_steps = _press(session, program.step, 8)
    session.send(b"3")
    session.until(lambda: session.shows("leave editor"))
    session.settle(1)
    session.press(b"\x1b[18~", 0.5)  # F7: a new query
    sql = [session.press(letter.encode(), 0.3) for letter in "SELECT "]
    session.close()
    return Own(
        whole_ms=1_000 * whole,
        whole_mib=memory,
        scroll_bytes=_bytes(scrolled),
        filter_ms=1_000 * statistics.median(each.last_seconds for each in filtered),
        sql_bytes=_bytes(sql),
        missing_ms=1_000 * missing,
        missing_step_bytes=_bytes(missing_steps),
        missing_mib=missing_mib,
        live_bytes=live_bytes,
        live_percent=live_percent,
    )


def _open(program: Program, columns: int, rows: int, line: Line | None = None) -> Session:
    session = Session(program.words, columns, rows, environment=program.environment, cwd=program.cwd, line=line)
    session.until(lambda: all(map(session.shows, program.ready)))
    return session


def _start(program: Program, columns: int, rows: int) -> tuple[float, float, float]:
    session = _open(program, columns, rows)
    ready = time.perf_counter() - session.began
    found = ready, session.cpu_seconds(), float(session.sent_bytes)
    session.close()
    return found


def _press(session: Session, keys: bytes, times: int = _PRESSED) -> list[Answer]:
    return [session.press(keys, 0.2) for _ in range(times)]


def _bytes(answers: Sequence[Answer]) -> float:
    return statistics.median(each.size_bytes for each in answers)


def _idle(session: Session) -> tuple[float, float]:
    session.settle(2)
    before, computed = session.sent_bytes, session.cpu_seconds()
    session.read(_IDLE_SECONDS)
    percent = 100 * (session.cpu_seconds() - computed) / _IDLE_SECONDS
    return float(session.sent_bytes - before), percent


def _live(session: Session, home: Path) -> tuple[float, float]:
    """As `_idle`, while another process finds every two seconds that one machine is other than before."""
    session.settle(1)
    before, computed = session.sent_bytes, session.cpu_seconds()
    with opened(home / "state.db") as connection:
        book = StatusBook(connection)
        status = book.list_statuses()[200]
        for number in range(int(_IDLE_SECONDS / 2)):
            attempt = status.last_attempt
            if attempt is None:
                raise Ended("the machine that is to change was never assessed")
            counts = replace(attempt.counts, others=attempt.counts.others + number)
            answer = replace(attempt, counts=counts)
            book.put(replace(status, last_attempt=answer, last_answer=answer))
            session.read(2)
        book.put(status)
    percent = 100 * (session.cpu_seconds() - computed) / _IDLE_SECONDS
    return float(session.sent_bytes - before), percent


def _far(program: Program, columns: int, rows: int) -> tuple[float, float]:
    """Over a slow line: seconds to the first screen, and from the last of many keys to the last byte that comes."""
    session = _open(program, columns, rows, Line())
    ready = time.perf_counter() - session.began
    session.settle(2)
    for keys, told in program.to_table:
        session.send(keys)
        session.until(lambda told=told: session.shows(told))  # type: ignore[misc]  # told is bound at once
    session.settle(2)
    for _ in range(_HELD):
        session.read(1 / _HELD_PER_SECOND)
        session.send(program.step)
    lag = session.press(b"", 1.0).last_seconds
    session.close()
    return ready, lag
