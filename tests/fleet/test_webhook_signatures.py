"""Signatures of webhooks are those that the specification has."""

from datetime import UTC, datetime

import pytest

from fleet.errors import BadInput
from fleet.webhook_signatures import read_key, sign, write_key


def test_a_signature_is_the_one_that_the_specification_gives() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks, spec, "Verifying signatures"."""
    key = read_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_key_is_read_as_it_was_written() -> None:
    """And only with as many bytes as the specification wants."""
    assert read_key(write_key(bytes(range(32)))) == bytes(range(32))
    for text in ("", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!", write_key(bytes(65))):
        with pytest.raises(BadInput) as caught:
            read_key(text)
        assert len(text) < 8 or text not in str(caught.value)
