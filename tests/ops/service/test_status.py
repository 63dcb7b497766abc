"""What `service status` says of messages, secrets and approvals, whether the service runs or not."""

from dataclasses import replace

from pyrage import x25519

from collectors.secrets import Secret
from fleet.alerts.severity import Severity
from fleet.channels import Channel, ChannelKind
from fleet.deliveries import Attempt, DeliveryRecord, DeliveryStatus, Outcome
from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester
from fleet.deployments.update_rules import UpdateRules
from fleet.messages import Message, MessageKind
from fleet.updates import Classification
from ops.cli.service_text import describe_status, list_status
from ops.credentials.session import SecretSession
from ops.deployments.new_runs import new_run
from ops.home import Home
from ops.service.status import WaitingMessages, service_status
from ops.state.channels import ChannelBook
from ops.state.database import opened
from ops.state.deliveries import DeliveryBook
from ops.state.outbox import Outbox
from ops.state.runs import RunBook
from tests.ops.service.conftest import BEGINNING


def _message(number: int) -> Message:
    return Message(f"m{number}", MessageKind.ALERT_OPENED, Severity.ERROR, BEGINNING, f"Message {number}")


def _lines(home: Home) -> str:
    return "\n".join(describe_status(service_status(home, BEGINNING)))


def test_messages_that_wait_or_failed_are_told(home: Home) -> None:
    """Also while no service runs, which is why they wait."""
    with opened(home.state_file) as connection:
        ChannelBook(connection).put(Channel("c1", "hook", ChannelKind.COMMAND, command=("/bin/false",)))
        for number in (1, 2, 3):
            Outbox(connection).post(_message(number), ["hook"])
        attempt = Attempt(BEGINNING, 0.1, Outcome.REFUSED, "410 Gone")
        first = DeliveryBook(connection).list(message_id="m1")[0]
        DeliveryBook(connection).note(first.id, DeliveryStatus.FAILED, DeliveryRecord((attempt,), 1))
    lines = _lines(home)
    assert "2 messages wait for channel hook, since 2026-11-20 12:00:00Z." in lines
    assert "Trouble (messages): channel hook could not deliver 'Message 1': 410 Gone" in lines
    listing = list_status(service_status(home))
    row = dict(zip((column.name for column in listing.columns), listing.rows[0], strict=True))
    assert row["messages_waiting"] == [WaitingMessages("hook", 2, BEGINNING)]


def test_locked_secrets_are_told_before_the_service_is_started(home: Home) -> None:
    """Whoever starts it then can do it from a terminal."""
    vault = SecretSession(home).vault
    vault.make([str(x25519.Identity.generate().to_public())], "sealed with a passphrase")
    assert "Trouble (secrets)" not in _lines(home)
    vault.put("profile:1:password", Secret("hunter2"))
    assert "Trouble (secrets): The secrets in" in _lines(home)


def test_a_run_says_what_approvals_it_has(home: Home) -> None:
    """One that needs none says nothing of them."""
    deployment = Deployment("nightly", ("all",), UpdateRules(classes=(Classification.SECURITY,)))
    with opened(home.state_file) as connection:
        RunBook(connection).make(new_run(deployment, BEGINNING, Requester("tester")))
    assert "approval" not in _lines(home)
    with opened(home.state_file) as connection:
        RunBook(connection).make(new_run(replace(deployment, needs_approval=2), BEGINNING, Requester("tester")))
    assert "Waiting, has 0 of 2 approvals, window" in _lines(home)
