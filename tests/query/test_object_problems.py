"""What object stores say when they fail, told in one line; the texts are those of deltalake and object_store."""

import pytest

from query.object_problems import explain_store_error
from query.place import ObjectAccess, Place

_ANSWER = (
    "Kernel error -> Generic S3 error\n  ↳ Error performing GET http://127.0.0.1:{port}/{bucket}/x/_last_checkpoint in "
    "{milliseconds}ms - Server returned non-2xx status code\n  ↳ {status}\n"
)


def told(status: str, *, port: int = 9000, bucket: str = "b", milliseconds: float = 1.5) -> str:
    """What is told of a store that answers with ``status``."""
    text = _ANSWER.format(status=status, port=port, bucket=bucket, milliseconds=milliseconds)
    return explain_store_error(OSError(text), Place("s3://b/x", ObjectAccess((), "http://127.0.0.1:9000")))


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("503 Service Unavailable", "asks to slow down"),
        ("429 Too Many Requests", "asks to slow down"),
        ("403", "denies access"),
        ("404 Not Found", "there is nothing at"),
    ],
)
def test_a_status_is_told_in_words(status: str, meaning: str) -> None:
    """Whatever the number stands beside."""
    assert meaning in told(status)


@pytest.mark.parametrize(
    ("port", "bucket", "milliseconds"),
    [(42969, "b", 1.5), (40301, "b", 1.5), (503, "b", 1.5), (9000, "b-429", 1.5), (9000, "SlowDown", 32.503778)],
)
def test_a_number_that_is_no_status_says_nothing(port: int, bucket: str, milliseconds: float) -> None:
    """A port, a name, a time may hold the digits of one."""
    said = told("500 Internal Server Error", port=port, bucket=bucket, milliseconds=milliseconds)
    assert "500 Internal Server Error" in said
    assert "slow down" not in said


def test_where_credentials_were_looked_for_says_that_there_are_none() -> None:
    """The address is that of a cloud's own machines."""
    text = "error sending request for url (http://169.254.169.254/latest/api/token): (Connect)"
    assert "no credentials were found" in explain_store_error(OSError(text), Place("s3://b/x"))
