"""The services of apprise against real servers; no URL and no token of one is ever told."""

import email
import email.policy
import json
import logging
from urllib.parse import quote

import pytest

from fleet.channels import ChannelKind
from fleet.deliveries import Outcome
from fleet.errors import BadInput
from fleet.messages import Attachment
from ops.messages.addresses import check_url
from ops.messages.carrying.parcels import Route
from ops.messages.carrying.services import carry
from ops.messages.masking import mask, shown_address
from tests.ops.messages.conftest import MailBox, Receiver, parcel

TOKEN = "A1b2C3d4E5f6"


def route(url: str) -> Route:
    return Route(ChannelKind.APPRISE, 10.0, url)


def test_a_service_gets_title_and_text(receiver: Receiver) -> None:
    """Attachments too; the name of a machine calls nobody."""
    report = Attachment("report.md", "text/markdown", "# Report")
    about = parcel(text="web @everyone <!channel> a@b.example", attachments=(report,))
    answer = carry(route(f"json://127.0.0.1:{receiver.port}/{TOKEN}"), about)
    assert answer.outcome is Outcome.DELIVERED
    document = json.loads(receiver.received[0].body)
    assert document["title"] == "[Critical] Disk low"
    assert document["message"].startswith("web @ everyone < !channel> a@b.example")
    assert document["attachments"][0]["filename"] == "report.md"


def test_what_a_service_refuses_is_told_without_its_url(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """apprise logs URLs: nothing of it gets out."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "apprise")
    url = f"json://127.0.0.1:{receiver.port}/broken/{TOKEN}"
    answer = carry(route(url), parcel())
    assert answer.outcome is Outcome.FAILED
    assert "500" in answer.said
    assert TOKEN not in mask(answer.said, [url]) + caplog.text + "".join(capsys.readouterr())


def test_mail_by_apprise_arrives_too(mail_box: MailBox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the URL that apprise has for it; a server whose certificate is not trusted gets nothing."""
    url = f"mailtos://patchdeck:{quote('correct horse')}@127.0.0.1:{mail_box.port}?from=a@example.com&to=b@example.com"
    assert carry(route(url), parcel()).outcome is Outcome.FAILED
    assert mail_box.mails == []
    assert carry(route(f"{url}&verify=no"), parcel()).outcome is Outcome.DELIVERED
    mail = email.message_from_bytes(mail_box.mails[0], policy=email.policy.default)
    assert mail["Subject"] == "[Critical] Disk low"


@pytest.mark.parametrize(
    ("kind", "url", "said"),
    [
        (ChannelKind.APPRISE, f"slak://{TOKEN}/{TOKEN}/{TOKEN}", "Did you mean slack://?"),
        (ChannelKind.APPRISE, "tgram://", "does not say all that tgram:// needs"),
        (ChannelKind.APPRISE, TOKEN, "That is no URL"),
        (ChannelKind.WEBHOOK, f"ftp://example.com/{TOKEN}", "A webhook is a URL of the web"),
        (ChannelKind.WEBHOOK, f"https://example.com:x{TOKEN}/", "cannot be read"),
        (ChannelKind.WEBHOOK, f"https://exa mple.com/{TOKEN}", "That is no URL"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused_without_telling_it(kind: ChannelKind, url: str, said: str) -> None:
    """With what is known of what was meant."""
    with pytest.raises(BadInput) as caught:
        check_url(kind, url, is_secret=True)
    assert said in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None


def test_of_a_url_only_what_is_no_secret_is_shown() -> None:
    """A web server's name, and of a service its kind."""
    assert shown_address(f"https://u:{TOKEN}@hooks.example.com:8443/a/{TOKEN}?k={TOKEN}", is_secret=True) == (
        "https://hooks.example.com:8443/•••"
    )
    assert shown_address(f"slack://{TOKEN}/{TOKEN}", is_secret=True) == "slack://•••"
    assert shown_address("http://127.0.0.1:8080/hook?key=1", is_secret=False) == "http://127.0.0.1:8080/hook"
    with pytest.raises(BadInput, match="holds a user or a password"):
        check_url(ChannelKind.WEBHOOK, f"https://u:{TOKEN}@example.com/", is_secret=False)


def test_whatever_quotes_a_secret_is_masked() -> None:
    """The whole URL, its pieces, and how they look when they are escaped."""
    url = f"https://user:pass%20word1@hooks.example.com/in/{TOKEN}?key=s3cr3t-s3cr3t"
    said = f"{url} failed; /in/{TOKEN} with 'pass word1', pass%20word1, key s3cr3t-s3cr3t at hooks.example.com"
    assert mask(said, [url]) == "••• failed; /in/••• with '•••', •••, key ••• at hooks.example.com"
    assert mask("535 no horse with battery staple", ["battery staple"]) == "535 no horse with •••"
