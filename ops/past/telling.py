"""What people had been told by an earlier instant, and what had been approved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from fleet.approvals import Approval, why_over
from fleet.deliveries import DeliveryStatus
from fleet.errors import BadInput
from fleet.instants import instant_text
from fleet.messages import Message
from ops.approvals.overview import ShownApproval
from ops.config import load_settings
from ops.home import Home
from ops.messages.book import find_message
from ops.state.approvals import ApprovalBook
from ops.state.database import opened
from ops.state.deliveries import DeliveryBook, StoredDelivery
from ops.state.runs import RunBook


def deliveries_at(
    home: Home, at: datetime, channel: str | None = None, limit: int | None = None
) -> list[StoredDelivery]:
    """The deliveries that had been asked for by ``at``, with the attempts until then, the latest first. Blocking."""
    with opened(home.state_file) as connection:
        known = DeliveryBook(connection).list(channel)
    return [_delivery_at(each, at) for each in known if each.message.at <= at][:limit]


def find_message_at(home: Home, message_id: str, at: datetime) -> tuple[Message, Sequence[StoredDelivery]]:
    """As `ops.messages.book.find_message`, with the attempts until ``at``.

    Raises:
        UnknownName: there is none.
        BadInput: there are several; it was sent later.
    """
    message, deliveries = find_message(home, message_id)
    if message.at > at:
        raise BadInput(f"The message {message.id} is of a later time, {instant_text(message.at)}.")
    return message, [_delivery_at(each, at) for each in deliveries]


def approvals_at(home: Home, at: datetime, deployment: str | None = None) -> list[ShownApproval]:
    """The approvals that had been given by ``at``, the latest first, and whether they held then. Blocking."""
    hours = load_settings(home).approvals_hours
    with opened(home.state_file) as connection:
        given = [each for each in ApprovalBook(connection).given(deployment) if each.at <= at]
        begun = {each.used_by: RunBook(connection).find(each.used_by).started_at for each in given if each.used_by}
    then = [_approval_at(each, begun.get(each.used_by), at) for each in reversed(given)]
    return [ShownApproval(each, each.ends_at(hours), why_over(each, hours, at)) for each in then]


def _delivery_at(delivery: StoredDelivery, at: datetime) -> StoredDelivery:
    record = delivery.record
    attempts = tuple(each for each in record.attempts if each.at <= at)
    is_same = len(attempts) == len(record.attempts) and (record.delivered_at is None or record.delivered_at <= at)
    if is_same and (record.asked_at is None or record.asked_at <= at):
        return delivery
    asked_at = record.asked_at if record.asked_at and record.asked_at <= at else None
    then = replace(record, attempts=attempts, tries=len(attempts), asked_at=asked_at, delivered_at=None, note="")
    return replace(delivery, status=DeliveryStatus.WAITING, next_at=None, record=then)


def _approval_at(approval: Approval, begun_at: datetime | None, at: datetime) -> Approval:
    if approval.lapsed_at is not None and approval.lapsed_at > at:
        approval = replace(approval, lapsed_at=None, lapsed_for="")
    if approval.used_by and (begun_at is None or begun_at > at):
        approval = replace(approval, used_by="", use_id=0)
    return approval
