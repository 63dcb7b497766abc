"""Tokens as rows: what each allows and how it was used. Only one that was just made has its line."""

from collections.abc import Sequence
from datetime import datetime

from fleet.enrol_tokens import EnrolToken
from fleet.host_key_lines import fingerprint
from ops.cli.listing import Column, Listing

_TOKEN = (
    Column("id", "Token"),
    Column("state", "State"),
    Column("used", "Used", is_number=True),
    Column("count", "Of", is_number=True),
    Column("expires_at", "Expires"),
    Column("approval", "Approval"),
    Column("networks", "Networks"),
    Column("names", "Names", is_extra=True),
    Column("tags", "Tags"),
    Column("allowed_tags", "May tag", is_extra=True),
    Column("profile", "Profile", is_extra=True),
    Column("user"),
    Column("reach_by"),
    Column("refusals", "Refused", is_number=True),
    Column("last_refusal", "Last refusal", is_extra=True),
    Column("authorized_in"),
    Column("created_by"),
    Column("created_at"),
    Column("revoked_at"),
    Column("key_fingerprint"),
    Column("note", "Note", is_extra=True),
)
_STATE, _FINGERPRINT = "state", "key_fingerprint"


def list_tokens(tokens: Sequence[EnrolToken], now: datetime) -> Listing:
    """A row for each."""
    return Listing(_TOKEN, [_row(token, now) for token in tokens])


def list_new(token: EnrolToken, line: str, authorized_line: str) -> Listing:
    """The one row of a token that was just made: with its line, which nobody can show again."""
    columns = (Column("id"), Column("expires_at"), Column("count"), Column("approval"), Column("authorized_in"))
    row = (token.id, token.expires_at, token.count, token.approval, token.authorized_in, line, authorized_line)
    return Listing((*columns, Column("line"), Column("authorized_line")), [row])


def list_authorized(token: EnrolToken, line: str) -> Listing:
    """The one row of a token with its line for authorized_keys, and the file that has it."""
    columns = (Column("id"), Column("authorized_in"), Column("authorized_line"))
    return Listing(columns, [(token.id, token.authorized_in, line)])


def _row(token: EnrolToken, now: datetime) -> tuple[object, ...]:
    made = {_STATE: token.state(now), _FINGERPRINT: fingerprint(token.public_key)}
    return tuple(made.get(column.name) or getattr(token, column.name) for column in _TOKEN)
