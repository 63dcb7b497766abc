"""Whether the tables hold all that was accepted: asked before each question, and true before nearly each.

It is `ops.store.writer` that settles them; this says without its imports that there is nothing for it to do.
"""

from pathlib import Path

from ops.home import Home
from ops.permission import refusal
from ops.state.database import opened
from ops.store.numbers import published_revision
from ops.store.state_rows import are_published


def is_settled(home: Home) -> bool:
    """Whether nothing waits in the journal, and the tables Machine, Audit and Alert are of the newest state. Takes no
    lock.

    False where that cannot be found out: the writer finds it out too, and says why not. True where this process does
    not change the home, which leaves what waits to the next who does.

    Raises:
        HomeUnusable, HomeIsNewer: the state or the table cannot be read.
    """
    if refusal(home.path) is not None:
        return True
    try:
        if any(_may_wait(path) for folder in (home.pending_dir, home.pending_dir / "runs") for path in _files(folder)):
            return False
    except OSError:
        return False
    with opened(home.state_file) as connection:
        revision: int = connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()[0]
        return revision == published_revision(home) and are_published(home, connection)


def _files(folder: Path) -> list[Path]:
    try:
        return [*folder.iterdir()]
    except FileNotFoundError:
        return []


def _may_wait(path: Path) -> bool:
    """Whether it is, by its name, neither what was set aside nor what is only being written."""
    return path.suffix == ".json" and not path.name.startswith((".", "unreadable-"))
