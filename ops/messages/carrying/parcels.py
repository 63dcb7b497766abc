"""What a service and the process that carries messages say to each other: a line of JSON each."""

import ssl
from dataclasses import dataclass, field

from fleet.channels import ChannelKind, MailServer
from fleet.deliveries import Answer, Outcome
from fleet.messages import Attachment
from ops.state.documents import Codec


@dataclass(frozen=True, slots=True)
class Route:
    """The first line to the carrier: where everything that follows goes. Holds secrets, and never shows them."""

    kind: ChannelKind
    deadline_seconds: float
    url: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    signing_key: str = field(default="", repr=False)
    mail: MailServer | None = None
    command: tuple[str, ...] = ()
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message as it is handed over. ``body`` is its JSON, in ASCII; ``severity`` a word of `Severity`."""

    message_id: str
    severity: str
    title: str
    text: str
    body: str
    attachments: tuple[Attachment, ...] = ()


ROUTES = Codec(Route)
PARCELS = Codec(Parcel)
ANSWERS = Codec(Answer)


def explain_tls(error: ssl.SSLError) -> str:
    """Why no safe connection came about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return f"TLS does not come about: {error.reason or 'the other side speaks something else'}"


def delivered(said: str) -> Answer:
    """It arrived."""
    return Answer(Outcome.DELIVERED, said)


def failed(said: str, wait_seconds: float | None = None) -> Answer:
    """It did not arrive, and may the next time."""
    return Answer(Outcome.FAILED, said, wait_seconds)


def refused(said: str) -> Answer:
    """It did not arrive, and never will."""
    return Answer(Outcome.REFUSED, said)
