"""The steps of the layout of state.db about who gets told; `ops.state.migrations` has the order of all."""

# alerts: those that are open; alert_events: all that became of alerts, in order, for the table Alert.
# messages and deliveries: the outbox. A message is written with what it tells of, and delivered afterwards.
# approvals: who approved which plan. report_schedules: reports that the service makes and sends.
TELLING = """
CREATE TABLE alert_rules (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
    rule_id TEXT NOT NULL,
    key TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (rule_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    key TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;

CREATE INDEX alert_events_of ON alert_events (rule_id, key, id);

CREATE TABLE channels (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;

CREATE INDEX messages_by_time ON messages (at);

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    channel TEXT NOT NULL COLLATE NOCASE,
    status TEXT NOT NULL,
    next_at TEXT,
    document TEXT NOT NULL,
    UNIQUE (message_id, channel)
) STRICT;

CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE approvals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    deployment TEXT NOT NULL COLLATE NOCASE,
    plan_hash TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;

CREATE INDEX approvals_of ON approvals (deployment, plan_hash);

CREATE TABLE report_schedules (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

# entry_hash is `fleet.audit_chain.entry_hash`, lent to SQLite while it migrates. What was there before is chained, too.
AUDIT_CHAIN = """
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';

CREATE TEMP TABLE chained (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL
) STRICT;

INSERT INTO chained (id, hash)
WITH RECURSIVE chain (id, hash) AS (
    SELECT * FROM (
        SELECT id, entry_hash('', id, at, user, ssh_client, command, action, target, before, after)
        FROM audit ORDER BY id LIMIT 1
    )
    UNION ALL
    SELECT
        entry.id,
        entry_hash(
            chain.hash, entry.id, entry.at, entry.user, entry.ssh_client, entry.command, entry.action, entry.target,
            entry.before, entry.after
        )
    FROM chain JOIN audit AS entry ON entry.id = (SELECT min(id) FROM audit WHERE id > chain.id)
)
SELECT id, hash FROM chain;

UPDATE audit SET hash = (SELECT hash FROM chained WHERE chained.id = audit.id);

DROP TABLE chained;

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit are never changed');
END;

CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit are never removed');
END;
"""

# alert_memories: what a rule remembers beside its alerts.
ALERT_MEMORIES = """
CREATE TABLE alert_memories (
    rule_id TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

# origin: whose process it was, JSON. INSERT OR REPLACE would take an entry away without asking a trigger of DELETE.
AUDIT_ORIGIN = """
ALTER TABLE audit ADD COLUMN origin TEXT;

CREATE TRIGGER audit_grows_at_its_end BEFORE INSERT ON audit
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit are added at its end');
END;
"""
