"""The steps of the layout of state.db about who may be touched; `ops.state.migrations` has the order of all."""

# candidates: machines that were found or that introduced themselves and are not enrolled.
# sources: lists of machines that are read again from time to time. profiles: how to log in, without any secret.
# enrol_tokens: what a token allows; of the token itself only a hash. scope: at most one row.
# retired: machines that are not touched any more; their names are free, their history stays under their ids.
ENROLMENT = """
CREATE TABLE candidates (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX candidates_by_name ON candidates (name);

CREATE TABLE sources (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE profiles (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE enrol_tokens (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scope (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    document TEXT NOT NULL
) STRICT;

CREATE TABLE retired (
    machine_id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    retired_at TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

# What decides who may be touched counts as a change, too: whoever keeps what follows from it looks again.
WATCHED_GROUPS = """
CREATE TRIGGER group_added AFTER INSERT ON groups
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
END;

CREATE TRIGGER group_changed AFTER UPDATE ON groups
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
END;

CREATE TRIGGER group_removed AFTER DELETE ON groups
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
END;

CREATE TRIGGER scope_added AFTER INSERT ON scope
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
END;

CREATE TRIGGER scope_changed AFTER UPDATE ON scope
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
END;

CREATE TRIGGER scope_removed AFTER DELETE ON scope
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
END;

CREATE TRIGGER machine_retired AFTER INSERT ON retired
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
END;

CREATE TRIGGER machine_restored AFTER DELETE ON retired
BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'revision';
END;
"""

# What each source said last of each machine (or group), to know what was changed by hand since.
SOURCE_CLAIMS = """
CREATE TABLE source_claims (
    source TEXT NOT NULL COLLATE NOCASE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    machine_id TEXT NOT NULL DEFAULT '',
    document TEXT NOT NULL,
    PRIMARY KEY (source, kind, name)
) STRICT, WITHOUT ROWID;
"""
