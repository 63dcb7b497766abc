"""The keys of the app as rows."""

from collections.abc import Iterator, Sequence

from ops.app_keys.catalogue import load_catalogue
from ops.app_keys.key_names import show_key
from ops.app_keys.own_keys import OwnKeys
from ops.cli.listing import Column, Listing

_COLUMNS = (
    Column("id", "Id"),
    Column("keys", "Keys", lambda keys: " ".join(keys) if isinstance(keys, list) else ""),
    Column("does", "What it does"),
    Column("default_keys"),
    Column("is_own"),
)


def list_keys(own: OwnKeys, words: Sequence[str]) -> Listing:
    """A row for each action, and for each key of the user's own; those that have all of ``words`` in them."""
    wanted = [word.casefold() for word in words]
    rows = [row for row in _rows(own) if all(word in _text_of(row) for word in wanted)]
    return Listing(_COLUMNS, rows)


def _rows(own: OwnKeys) -> Iterator[tuple[object, ...]]:
    catalogue = load_catalogue()
    told = set()
    for scope in catalogue.scopes.values():
        for action in scope.actions:
            name = f"{scope.name}.{action.name}"
            told.add(name)
            keys = own.remaps.get(name, action.keys)
            yield name, _shown(keys), action.meaning, _shown(action.keys), name in own.remaps
    for name in sorted(own.remaps.keys() - told):
        scope_name, _, action_name = name.partition(".")
        action = catalogue.actions_in(scope_name)[action_name]
        yield name, _shown(own.remaps[name]), action.meaning, _shown(action.keys), True
    for key, command in own.hot_keys.items():
        yield "app.keys", [show_key(key)], f":{command}", [], True


def _shown(keys: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(map(show_key, keys)))


def _text_of(row: Sequence[object]) -> str:
    keys = row[1] if isinstance(row[1], list) else []
    return " ".join([str(row[0]), *keys, str(row[2])]).casefold()
