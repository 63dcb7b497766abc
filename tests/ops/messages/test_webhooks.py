"""Webhooks against a real web server: what it gets, and what is made of whatever it answers."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from fleet.channels import ChannelKind
from fleet.deliveries import Outcome
from fleet.webhook_signatures import write_key
from ops.messages.carrying.parcels import Route
from ops.messages.carrying.webhook import carry
from tests.ops.messages.conftest import Certificate, Receiver, parcel

KEY = bytes(range(32))


def route(receiver: Receiver, path: str = "/in", **more: object) -> Route:
    return Route(ChannelKind.WEBHOOK, 2.0, f"{receiver.url}{path}", **more)  # type: ignore[arg-type]


def test_a_message_arrives_as_json_that_is_signed(receiver: Receiver) -> None:
    """A receiver verifies it with nothing but the key, and knows it again by its id."""
    answer = carry(route(receiver, signing_key=write_key(KEY)), parcel(items=("wéb-01",), item_count=9))
    assert (answer.outcome, answer.said) == (Outcome.DELIVERED, "answered 204")
    (request,) = receiver.received
    document = json.loads(request.body)
    assert (document["version"], document["id"], document["title"]) == (1, "m-1", "[Critical] Disk low")
    assert (document["items"], document["item_count"], document["at"]) == (["wéb-01"], 9, "2026-11-20T12:00:00Z")
    headers = request.headers
    assert (headers["content-type"], headers["webhook-id"]) == ("application/json", "m-1")
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"m-1.{headers['webhook-timestamp']}.".encode() + request.body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_without_a_key_nothing_is_signed(receiver: Receiver) -> None:
    """The id is there all the same."""
    carry(route(receiver), parcel())
    assert set(receiver.received[0].headers) & {"webhook-id", "webhook-signature"} == {"webhook-id"}


@pytest.mark.parametrize(
    ("path", "outcome", "said", "wait_seconds"),
    [
        ("/broken", Outcome.FAILED, "answered 500: no \x1b[31mroom\nleft", None),
        ("/busy", Outcome.FAILED, "answered 429: slow down", 120.0),
        ("/malformed", Outcome.REFUSED, "answered 400", None),
        (
            *("/elsewhere", Outcome.FAILED),
            *("answered 302, a redirect: they are not followed, give the URL that it leads to", None),
        ),
        ("/hang", Outcome.FAILED, "no answer within 2 s", None),
    ],
)
def test_each_answer_is_understood(
    receiver: Receiver, path: str, outcome: Outcome, said: str, wait_seconds: float | None
) -> None:
    """What a receiver says in plain text is told; it is cleaned before it leaves the process."""
    answer = carry(route(receiver, path), parcel())
    assert (answer.outcome, answer.said, answer.wait_seconds) == (outcome, said, wait_seconds)
    assert len(receiver.received) == 1


def test_of_a_huge_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    """It costs no memory and no time."""
    began = time.process_time()
    answer = carry(route(receiver, "/huge"), parcel())
    assert answer.said.startswith("answered 503: xxx")
    assert len(answer.said) < 1_000
    assert time.process_time() - began < 5


def test_a_certificate_is_verified(tls_receiver: Receiver, certificate: Certificate) -> None:
    """One that nobody vouches for is refused, unless it is the one that was given."""
    url = f"https://127.0.0.1:{tls_receiver.port}/token-in-path"
    answer = carry(Route(ChannelKind.WEBHOOK, 5.0, url), parcel())
    assert (answer.outcome, answer.said) == (
        *(Outcome.FAILED,),
        "its certificate is not trusted: self-signed certificate",
    )
    assert tls_receiver.received == []
    trusted = carry(Route(ChannelKind.WEBHOOK, 5.0, url, ca_file=str(certificate.file)), parcel())
    assert trusted.outcome is Outcome.DELIVERED


def test_what_speaks_no_tls_is_told_so(receiver: Receiver) -> None:
    """Without the URL, which may hold a token."""
    url = f"https://127.0.0.1:{receiver.port}/token-in-path"
    answer = carry(Route(ChannelKind.WEBHOOK, 5.0, url), parcel())
    assert answer.said.startswith("TLS does not come about")
    assert "token" not in answer.said


def test_a_server_that_is_not_there_is_told_so() -> None:
    """In the system's words, and to be tried again."""
    answer = carry(Route(ChannelKind.WEBHOOK, 5.0, "http://127.0.0.1:9/token-in-path"), parcel())
    assert (answer.outcome, answer.said) == (Outcome.FAILED, "it cannot be reached: Connection refused")
