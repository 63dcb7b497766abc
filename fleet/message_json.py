"""A message as JSON, version 1: what webhooks and commands get. docs/webhook.md promises it: members are only added."""

import json
from dataclasses import dataclass

from fleet.messages import Message

VERSION = 1


@dataclass(frozen=True, slots=True)
class MessageSource:
    """Which Patchdeck a message comes from; ``name`` is what its home is called, empty where it has no name."""

    host: str
    home: str
    name: str = ""

    @property
    def words(self) -> str:
        """The same in a line of text."""
        return f"Patchdeck on {self.host}, {self.name or self.home}"


def write_message(message: Message, title: str, text: str, source: MessageSource) -> str:
    """``message`` in one line of ASCII, with its title and text as the channel words them."""
    return json.dumps(
        {
            "version": VERSION,
            "id": message.id,
            "kind": message.kind.value,
            "severity": message.severity.value,
            "at": message.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "title": title,
            "text": text,
            "facts": dict(message.facts),
            "items": list(message.items),
            "item_count": message.item_count,
            "attachments": [
                {"name": each.name, "media_type": each.media_type, "text": each.text} for each in message.attachments
            ],
            "source": {"host": source.host, "home": source.home, "name": source.name},
        },
        separators=(",", ":"),
    )
