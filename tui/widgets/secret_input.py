"""A field for a secret: shown as bullets, never copied, never completed."""

from textual.widgets import Input


class SecretInput(Input):
    """Textual's field for passwords, but for the clipboard: what was selected would go out to it in the clear."""

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(password=True, placeholder=placeholder, id=id, select_on_focus=False)
        self.cursor_blink = False

    def action_copy(self) -> None:
        """Copies nothing."""

    def action_cut(self) -> None:
        """Deletes what is selected; copies nothing."""
        self.delete_selection()
