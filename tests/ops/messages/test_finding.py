"""The books of deliveries and of alerts find what belongs together without reading all that is kept."""

import sqlite3
from collections.abc import Callable

from ops.home import Home
from ops.state.alerts import AlertBook
from ops.state.database import opened, transaction
from ops.state.deliveries import DeliveryBook
from ops.state.outbox import Outbox
from tests.ops.messages.conftest import AT, message

_MANY = 2_000


def steps_of(connection: sqlite3.Connection, question: Callable[[], object]) -> int:
    """How many hundred steps SQLite's machine takes for ``question``."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 100)
    question()
    connection.set_progress_handler(None, 100)
    return steps


def test_the_deliveries_of_a_message_are_found_among_thousands(home: Home) -> None:
    """By the index of messages: whoever tests a channel looks five times a second."""
    with opened(home.state_file) as connection, transaction(connection):
        for number in range(_MANY):
            Outbox(connection).post(message(f"m-{number}"), ["mail", "chat"])
        book = DeliveryBook(connection)
        assert [each.channel for each in book.list(message_id="m-7")] == ["chat", "mail"]
        assert steps_of(connection, lambda: book.list("mail", message_id="m-7")) < 10


def test_the_last_event_of_an_alert_is_found_among_thousands(home: Home) -> None:
    """By the index of alerts: each message that is delivered looks whether one is to be resolved."""
    with opened(home.state_file) as connection, transaction(connection):
        statement = "INSERT INTO alert_events (at, rule_id, key, document) VALUES (?, ?, ?, '{}')"
        connection.executemany(statement, [(AT.isoformat(), "disk", f"web-{number}") for number in range(_MANY)])
        book = AlertBook(connection)
        assert (
            steps_of(connection, lambda: book.events(rule_id="channels", key="mail", newest_first=True, limit=1)) < 10
        )
