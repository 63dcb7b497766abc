"""What the app does with channels and messages: each is the function of ops that the verb calls, in a thread."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fleet.channels import Channel, ChannelKind
from fleet.deliveries import DeliveryStatus
from fleet.errors import PatchdeckError
from fleet.name_lists import some_of
from ops.cli.values import count_of
from tui.background import in_thread
from tui.channel_making import make_channel, wants_secret
from tui.conflicts import or_conflict
from tui.screens.channel_form import ChannelDraft, ChannelForm
from tui.screens.name_form import NameForm
from tui.screens.picker import Picker
from tui.tones import Tone
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from collectors.secrets import Secret
    from ops.messages.channels import NewSecrets
    from ops.state.deliveries import StoredDelivery
    from tui.app import PatchdeckApp

_KIND_COLUMNS = (TableColumn("kind", "Kind", most=10, least=8, priority=0), TableColumn("what", "What", most=90))
_KINDS = {
    ChannelKind.APPRISE: "Slack, Teams, ntfy, Telegram, mail and a hundred more: one URL of apprise",
    ChannelKind.SMTP: "mail, handed in at a server of your own",
    ChannelKind.WEBHOOK: "JSON to a URL, signed where you like",
    ChannelKind.COMMAND: "a program on this machine, with JSON on its standard input",
}


def test(deck: "PatchdeckApp", channel: Channel) -> None:
    """Sends a message of trial at once, and says what came back."""
    from ops.messages.trying import try_channel

    def told(delivery: "StoredDelivery") -> None:
        arrived = delivery.status is DeliveryStatus.DELIVERED
        deck.say(f"{channel.name}: {delivery.status.value}. {delivery.record.last_said}", is_error=not arrived)
        deck.work.look()

    deck.say(f"{channel.name}: a message of trial is on its way …")
    in_thread(deck, lambda: try_channel(deck.home, channel.name), told, deck.complain, what="trying the channel")


def retry(deck: "PatchdeckApp", deliveries: "Sequence[StoredDelivery]") -> None:
    """Has ``deliveries`` tried again at once, by the service."""
    from ops.messages.book import retry as ask_again

    by_channel: dict[str, list[str]] = {}
    for each in deliveries:
        by_channel.setdefault(each.channel, []).append(each.message.id)

    def work() -> int:
        return sum(len(ask_again(deck.home, ids, channel)) for channel, ids in by_channel.items())

    def told(asked: int) -> None:
        deck.say(f"{count_of(asked, 'message')} to be tried again at once; the service does it.")
        deck.work.look()

    in_thread(deck, work, told, deck.complain, what="asking for another attempt")


def add(deck: "PatchdeckApp") -> None:
    """Asks of which kind, then where it leads, then for what is secret of that."""
    from ops.messages.channels import add_channel, new_channel

    def keep(channel: Channel, secrets: "NewSecrets", _: Channel | None = None) -> str:
        is_new = add_channel(deck.home, channel, secrets)
        return f"The channel {channel.name} is there: T tries it." if is_new else "It was there already, the same."

    def chosen(key: str | None) -> None:
        if key is not None:
            _ask_for_channel(deck, new_channel("", ChannelKind(key)), keep, is_new=True)

    rows = [Row(kind.value, (kind.value, what), (Tone.STRONG, Tone.NORMAL)) for kind, what in _KINDS.items()]
    deck.push_screen(Picker("A new channel", _KIND_COLUMNS, rows, {}, takes="goes on"), chosen)


def edit(deck: "PatchdeckApp", before: Channel) -> None:
    """Asks for another definition of the channel ``before``, and keeps it."""

    def keep(after: Channel, secrets: "NewSecrets", known: Channel | None = None) -> str:
        return _keep_changed(deck, known or before, after, secrets)

    _ask_for_channel(deck, before, keep, is_new=False)


def ask_for_secret(deck: "PatchdeckApp", channel: Channel) -> None:
    """Asks for its URL or its password anew."""
    if channel.kind is ChannelKind.COMMAND or (channel.mail is not None and channel.mail.user is None):
        deck.say(f"{channel.name} takes no secret.")
        return

    def keep(after: Channel, secrets: "NewSecrets", known: Channel | None = None) -> str:
        _keep_changed(deck, known or channel, after, secrets)
        return f"{channel.name}: what was typed is kept. T tries it."

    _ask_for_secret(deck, ChannelDraft(channel), keep, deck.complain)


def switch(deck: "PatchdeckApp", channel: Channel) -> None:
    """Enables a disabled channel, disables an enabled one."""
    from ops.messages.channels import switch_channel

    wanted = not channel.is_enabled

    def switched(_: object) -> None:
        deck.say(f"{channel.name} is {'on' if wanted else 'off: messages on it are passed over'}.")
        deck.work.look()

    work = lambda: switch_channel(deck.home, channel.name, is_enabled=wanted)  # noqa: E731  # used once
    in_thread(deck, work, switched, deck.complain, what="switching the channel")


def ask_to_remove(deck: "PatchdeckApp", channel: Channel) -> None:
    """Asks for the name, then removes the channel and its kept secrets; refused at once where something names it."""
    from ops.messages.channels import remove_channel, users_by_channel

    name = channel.name

    def removed(_: Channel) -> None:
        deck.say(f"The channel {name} is removed.")
        deck.work.look()

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            in_thread(deck, lambda: remove_channel(deck.home, name), removed, deck.complain, what="removing it")

    def ask(users: Sequence[str]) -> None:
        if users:
            deck.say(f"Channel {name} is named by {some_of(users)}. Nothing was removed.", is_error=True)
            return
        effect = f"The channel {name} goes, and what is kept for it."
        deck.push_screen(NameForm("Remove a channel", name, effect, takes="removes it"), answered)

    look = lambda: users_by_channel(deck.home).get(name.casefold(), ())  # noqa: E731  # one expression, used once
    in_thread(deck, look, ask, deck.complain, what="looking for what names the channel", opens=True)


# The last one is how it was seen, where that is not how it was when it was asked for.
_Keep = Callable[[Channel, "NewSecrets", Channel | None], str]


def _keep_changed(deck: "PatchdeckApp", before: Channel, after: Channel, secrets: "NewSecrets") -> str:
    from ops.messages.channels import edit_channel

    edit_channel(deck.home, before.name, lambda _: after, secrets, seen=before)
    return f"The channel {before.name} is changed." if after != before else "Nothing to change."


def _ask_for_channel(deck: "PatchdeckApp", begun: Channel, keep: _Keep, *, is_new: bool, reason: str = "") -> None:
    from ops.messages.channels import list_channels

    def answered(draft: ChannelDraft | None) -> None:
        if draft is None:
            return

        def refused(error: PatchdeckError) -> None:
            _ask_for_channel(deck, draft.channel, keep, is_new=is_new, reason=str(error))

        if wants_secret(draft.channel):
            _ask_for_secret(deck, draft, keep, refused)
        else:
            _keep(deck, draft, None, keep, refused)

    def show(channels: Sequence[Channel]) -> None:
        others = [each.name for each in channels if each.id != begun.id]
        deck.push_screen(ChannelForm(begun, others, is_new=is_new, reason=reason), answered)

    in_thread(deck, lambda: list_channels(deck.home), show, deck.complain, what="looking for channels", opens=True)


def _ask_for_secret(
    deck: "PatchdeckApp", draft: ChannelDraft, keep: _Keep, refused: Callable[[PatchdeckError], None]
) -> None:
    from tui.screens.secret_form import SecretForm

    what = "Password" if draft.channel.kind is ChannelKind.SMTP else "URL"

    def answered(secret: "Secret | None") -> None:
        if secret is not None:
            _keep(deck, draft, secret, keep, refused)

    meaning = "It is kept in the keyring, else encrypted in the home; never shown, logged or audited."
    deck.push_screen(SecretForm(f"{what} of channel {draft.channel.name}", meaning, repeats=False), answered)


def _keep(
    deck: "PatchdeckApp",
    draft: ChannelDraft,
    secret: "Secret | None",
    keep: _Keep,
    refused: Callable[[PatchdeckError], None],
) -> None:
    def kept(line: str) -> None:
        deck.say(line)
        deck.work.look()

    def put(after: Channel | None, known: Channel | None) -> None:
        def work() -> str:
            written, secrets = make_channel(deck.home, draft, secret)
            return keep(after or written, secrets, known)

        in_thread(deck, work, kept, or_conflict(deck, refused, put), what="keeping the channel")

    put(None, None)
