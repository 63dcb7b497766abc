"""Makes ops/app_keys/catalogue.json: every action of the app with its id, so that verbs know keys without the app."""

import json
import pkgutil
from importlib import import_module
from pathlib import Path

PAGE = Path(__file__).parents[1] / "ops" / "app_keys" / "catalogue.json"


def make() -> str:
    """The file."""
    from tui.commands import COMMANDS
    from tui.key_ids import catalogue

    commands = [name for command in COMMANDS for name in command.names]
    scopes = ",\n".join(f"    {json.dumps(entry)}" for entry in catalogue(kinds()))
    return f'{{\n  "commands": {json.dumps(commands)},\n  "scopes": [\n{scopes}\n  ]\n}}\n'


def kinds() -> list[type]:
    """Every class of the app that has keys."""
    import tui
    from tui.key_ids import is_ours

    found = {}
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        for kind in vars(import_module(module.name)).values():
            if isinstance(kind, type) and is_ours(kind):
                found[kind] = None
    return list(found)
