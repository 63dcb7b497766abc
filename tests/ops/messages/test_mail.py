"""Mail, handed in at a real server that wants STARTTLS and a login."""

import email
import email.policy
import socket
from dataclasses import replace

import pytest

from fleet.channels import ChannelKind, MailSecurity, MailServer
from fleet.deliveries import Outcome
from fleet.messages import Attachment
from ops.messages.carrying.mail import carry
from ops.messages.carrying.parcels import Parcel, Route
from tests.ops.messages.conftest import PASSWORD, Certificate, MailBox, parcel


def route(box: MailBox, certificate: Certificate | None, password: str = PASSWORD, **more: object) -> Route:
    fields = {"security": MailSecurity.STARTTLS, "user": "patchdeck"} | more
    recipients = ("ops@example.com", "night@example.com")
    mail = MailServer("127.0.0.1", box.port, sender="patchdeck@example.com", recipients=recipients, **fields)  # type: ignore[arg-type]
    ca_file = str(certificate.file) if certificate else ""
    return Route(ChannelKind.SMTP, 5.0, password=password, mail=mail, ca_file=ca_file)


def test_a_mail_arrives_with_its_text_and_attachments(mail_box: MailBox, certificate: Certificate) -> None:
    """After STARTTLS and a login, for every recipient, under an id that is the message's."""
    report = Attachment("berïcht.csv", "text/csv; charset=utf-8", "a,b\n1,ü\n")
    answer = carry(route(mail_box, certificate), parcel(title="Dïsk low", attachments=(report,)))
    assert (answer.outcome, answer.said) == (Outcome.DELIVERED, "handed in for 2 of 2 recipients")
    assert mail_box.recipients == ["ops@example.com", "night@example.com"]
    mail = email.message_from_bytes(mail_box.mails[0], policy=email.policy.default)
    assert (mail["Subject"], mail["Message-ID"]) == ("[Critical] Dïsk low", "<m-1@patchdeck.example.com>")
    assert (mail["Auto-Submitted"], mail["X-Priority"]) == ("auto-generated", "1")
    body = mail.get_body()
    assert body is not None
    assert "2 machines" in body.get_content()
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("berïcht.csv", "text/csv")
    assert attached.get_payload(decode=True) == "a,b\n1,ü\n".encode()


def test_no_header_can_be_smuggled_into_a_subject(mail_box: MailBox, certificate: Certificate) -> None:
    """Not by the message, and not past the wording either."""
    worded = parcel(title="low\r\nBcc: evil@example.com\n\nbody")
    assert carry(route(mail_box, certificate), worded).outcome is Outcome.DELIVERED
    mail = email.message_from_bytes(mail_box.mails[0], policy=email.policy.default)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[Critical] low Bcc: evil@example.com body"
    forged = Parcel("m-2", "Error", "a\r\nBcc: evil@example.com", "text", "{}")
    with pytest.raises(ValueError, match="linefeed"):
        carry(route(mail_box, certificate), forged)


def test_a_wrong_password_is_told_and_tried_again(mail_box: MailBox, certificate: Certificate) -> None:
    """Somebody may mend it meanwhile; the password is in nothing that is said."""
    answer = carry(route(mail_box, certificate, password="wrong-password"), parcel())
    assert answer.outcome is Outcome.FAILED
    assert answer.said.startswith("the login is refused: 535")
    assert "wrong-password" not in answer.said


def test_a_server_whose_certificate_is_not_trusted_gets_no_password(mail_box: MailBox) -> None:
    """Nothing is handed in."""
    answer = carry(route(mail_box, None), parcel())
    assert answer.said == "its certificate is not trusted: self-signed certificate"
    assert mail_box.mails == []


def test_without_encryption_nothing_is_handed_in_where_the_server_wants_it(mail_box: MailBox) -> None:
    """What the server says is told."""
    answer = carry(route(mail_box, None, security=MailSecurity.NONE, user=None), parcel())
    assert answer.outcome is not Outcome.DELIVERED
    assert "STARTTLS" in answer.said


def test_one_refused_recipient_does_not_keep_the_mail_from_the_others(
    mail_box: MailBox, certificate: Certificate
) -> None:
    """It is told who did not get it."""
    mail_box.refused["night@example.com"] = "550 no such user"
    answer = carry(route(mail_box, certificate), parcel())
    assert answer.said == "handed in for 1 of 2 recipients; not for night@example.com"
    mail_box.refused["ops@example.com"] = "550 no such user"
    assert carry(route(mail_box, certificate), parcel()).outcome is Outcome.REFUSED


@pytest.mark.parametrize(("said", "outcome"), [("554 spam", Outcome.REFUSED), ("451 later", Outcome.FAILED)])
def test_a_mail_that_is_not_taken_is_tried_again_only_where_that_may_help(
    mail_box: MailBox, certificate: Certificate, said: str, outcome: Outcome
) -> None:
    """5xx is for good, 4xx for now: RFC 5321."""
    mail_box.says_to_data = said
    answer = carry(route(mail_box, certificate), parcel())
    assert (answer.outcome, answer.said) == (outcome, f"it is not taken: {said}")


def test_a_mail_that_was_taken_is_not_sent_again_for_what_follows(mail_box: MailBox, certificate: Certificate) -> None:
    """Whatever the server answers to the goodbye: it has the mail."""
    mail_box.says_to_quit = "421 too busy"
    assert carry(route(mail_box, certificate), parcel()).outcome is Outcome.DELIVERED
    assert len(mail_box.mails) == 1


def test_a_silent_server_is_told_so() -> None:
    """And not as one that ended the connection."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = route(MailBox(port=silent.getsockname()[1]), None)
        assert carry(replace(hanging, deadline_seconds=0.1), parcel()).said == "no answer in time"


def test_a_server_that_is_not_there_is_told_so() -> None:
    """And tried again."""
    box = MailBox(port=9)
    answer = carry(route(box, None), parcel())
    assert (answer.outcome, answer.said) == (Outcome.FAILED, "it cannot be reached: Connection refused")
