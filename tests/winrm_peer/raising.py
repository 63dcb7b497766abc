"""How a handler says that its script threw."""


class ScriptThrew(Exception):
    """What PowerShell writes to its error stream for an error that nobody caught."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code
