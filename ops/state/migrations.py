"""The layout of state.db, one step a version. Steps that were released are never changed; new ones are added.

Times are ISO 8601 text in UTC with microseconds and an offset (`datetime.isoformat`), all of one length: they sort, and
whoever opens the file with sqlite3 can read them.
"""

_FIRST = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

INSERT INTO meta VALUES ('revision', 0);

-- revision: the number of the last change of the machine or of its status.
CREATE TABLE machines (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    document TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE statuses (
    machine_id TEXT PRIMARY KEY REFERENCES machines (id) ON DELETE CASCADE,
    attempted_at TEXT NOT NULL,
    answered_at TEXT,
    attempt TEXT NOT NULL,
    answer TEXT
) STRICT;

-- Machines that were removed and may still have current rows in tables.
CREATE TABLE removals (
    machine_id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    user TEXT NOT NULL,
    ssh_client TEXT NOT NULL,
    command TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT,
    after TEXT
) STRICT;

CREATE TRIGGER machine_added AFTER INSERT ON machines
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
    UPDATE machines SET revision = (SELECT value FROM meta WHERE key = 'revision') WHERE id = NEW.id;
END;

CREATE TRIGGER machine_changed AFTER UPDATE OF name, document ON machines
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
    UPDATE machines SET revision = (SELECT value FROM meta WHERE key = 'revision') WHERE id = NEW.id;
END;

CREATE TRIGGER machine_removed AFTER DELETE ON machines
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
    INSERT OR REPLACE INTO removals SELECT OLD.id, value FROM meta WHERE key = 'revision';
END;

CREATE TRIGGER status_added AFTER INSERT ON statuses
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
    UPDATE machines SET revision = (SELECT value FROM meta WHERE key = 'revision') WHERE id = NEW.machine_id;
END;

CREATE TRIGGER status_changed AFTER UPDATE ON statuses
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
    UPDATE machines SET revision = (SELECT value FROM meta WHERE key = 'revision') WHERE id = NEW.machine_id;
END;
"""

# When this fleet first saw a version of a product offered; kept when machines are removed.
_VERSIONS_SEEN = """
CREATE TABLE versions_seen (
    product TEXT NOT NULL,
    version TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    PRIMARY KEY (product, version)
) STRICT, WITHOUT ROWID;
"""

_FEEDS = """
CREATE TABLE feeds (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;
"""

MIGRATIONS: tuple[str, ...] = (_FIRST, _VERSIONS_SEEN, _FEEDS)
