"""Secrets in what others say: whole, in pieces, and as they are encoded on the way."""

from base64 import b64encode

import pytest

from ops.messages.masking import mask

_URL = "https://bot:pw1@hooks.example.com/T0/B0/averylongtoken?k=abc&v=2"


@pytest.mark.parametrize("user", ["", "a", "us", "patchdeck"])
def test_a_login_that_a_mail_server_quotes_is_masked(user: str) -> None:
    """Base64 hides nothing, wherever in it the password stands."""
    password = "correct horse"
    quoted = b64encode(f"\0{user}\0{password}".encode()).decode()
    said = mask(f"535 failed: AUTH PLAIN {quoted}", [password])
    left = said.removeprefix("535 failed: AUTH PLAIN ")
    assert "•••" in left
    assert len(left.partition("•••")[2].rstrip("=")) <= 1
    assert mask(b64encode(password.encode()).decode(), [password]).startswith("•••")


@pytest.mark.parametrize(
    "said", ["no route for /T0/B0/averylongtoken?k=abc&v=2", "bad query k=abc&v=2", "wrong password pw1", _URL]
)
def test_short_words_of_a_url_are_masked(said: str) -> None:
    """A key of three characters is one, and so is a password."""
    masked = mask(said, [_URL])
    assert not any(word in masked for word in ("abc", "pw1", "averylong"))
    assert "•••" in masked


def test_what_is_no_secret_stays() -> None:
    """The name of a web server, and words of its own."""
    said = "hooks.example.com does not know v1 of the api"
    assert mask(said, ["https://hooks.example.com/api/v1", ""]) == said


def test_what_is_no_url_is_masked_as_well() -> None:
    """A program may print anything where a URL was meant."""
    assert mask("cannot use https://[::averylongtoken", ["https://[::averylongtoken"]) == "cannot use •••"
