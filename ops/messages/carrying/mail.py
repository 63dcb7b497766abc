"""Mail, handed in at a server: one text, its attachments, and headers into which nothing can be smuggled."""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from fleet.channels import MailSecurity, MailServer
from fleet.deliveries import Answer
from ops.messages.carrying.parcels import Parcel, Route, delivered, explain_tls, failed, refused

_HELLO_NAME = "patchdeck"
# The usual words of mail programs for it: RFC 2156, X-Priority as Outlook and others have it.
_URGENT = {"Critical": ("high", "1"), "Error": ("high", "2")}


def carry(route: Route, parcel: Parcel) -> Answer:
    """Hands ``parcel`` in at the mail server of ``route``."""
    mail = route.mail
    if mail is None:
        raise LookupError("a channel of the kind smtp has a mail server")
    try:
        unwanted = _hand_in(mail, route, parcel)
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        said = f"no recipient is taken: {_said(*next(iter(error.recipients.values())))}"
        return refused(said) if min(codes) >= 500 else failed(said)
    except smtplib.SMTPAuthenticationError as error:
        return failed(f"the login is refused: {_said(error.smtp_code, error.smtp_error)}")
    except smtplib.SMTPResponseException as error:
        said = f"it is not taken: {_said(error.smtp_code, error.smtp_error)}"
        is_final = isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and error.smtp_code >= 500
        return refused(said) if is_final else failed(said)
    except (smtplib.SMTPException, OSError) as error:
        return failed(_explain(error, mail))
    taken = len(mail.recipients) - len(unwanted)
    more = f"; not for {', '.join(sorted(unwanted))}" if unwanted else ""
    return delivered(f"handed in for {taken} of {len(mail.recipients)} recipients{more}")


def write_mail(mail: MailServer, parcel: Parcel) -> EmailMessage:
    """The mail itself. Its id is the message's: a mail program that gets it twice shows it once."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Patchdeck", addr_spec=mail.sender)
    message["To"] = tuple(Address(addr_spec=recipient) for recipient in mail.recipients)
    message["Subject"] = parcel.title
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = f"<{parcel.message_id}@patchdeck.{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices
    if urgency := _URGENT.get(parcel.severity):
        message["Importance"], message["X-Priority"] = urgency
    message.set_content(f"{parcel.text}\n", cte="quoted-printable")
    for attachment in parcel.attachments:
        main, _, sub = attachment.media_type.partition(";")[0].strip().partition("/")
        content = attachment.text.encode("utf-8")
        message.add_attachment(
            content, maintype=main or "application", subtype=sub or "octet-stream", filename=attachment.name
        )
    return message


def _hand_in(mail: MailServer, route: Route, parcel: Parcel) -> Mapping[str, tuple[int, bytes]]:
    """The recipients that are not taken. Once the mail is, nothing that the server says or leaves unsaid changes it."""
    server = _connect(mail, route)
    try:
        if mail.user is not None:
            server.login(mail.user, route.password)
        unwanted = server.send_message(write_mail(mail, parcel), mail.sender, list(mail.recipients))
        with suppress(OSError):
            server.putcmd("quit")
        return unwanted
    finally:
        server.close()


def _connect(mail: MailServer, route: Route) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=route.ca_file or None)
    seconds = route.deadline_seconds
    if mail.security is MailSecurity.TLS:
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=seconds, context=context, local_hostname=_HELLO_NAME)
    server = smtplib.SMTP(mail.host, mail.port, timeout=seconds, local_hostname=_HELLO_NAME)
    if mail.security is MailSecurity.STARTTLS:
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _explain(error: Exception, mail: MailServer) -> str:
    if isinstance(error, ssl.SSLError):
        return explain_tls(error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        wanted = "STARTTLS" if mail.security is MailSecurity.STARTTLS else "what is asked of it"
        return f"the server does not offer {wanted}, or takes no login: see its extensions"
    # smtplib tells of a server that is silent as of one that ended the connection.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server ended the connection"
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be reached: {error.strerror}"
    return f"it cannot be handed in: {type(error).__name__}"


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', errors='replace') if isinstance(text, bytes) else text}"
