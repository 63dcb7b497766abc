"""The layout of state.db, one step a version. Steps that were released are never changed; new ones are added.

Times are ISO 8601 text in UTC with microseconds and an offset (`datetime.isoformat`), all of one length: they sort, and
whoever opens the file with sqlite3 can read them.
"""

from ops.state.approvals_layout import EDITIONS
from ops.state.enrolment_layout import ENROLMENT, SOURCE_CLAIMS, WATCHED_GROUPS
from ops.state.notices_layout import NOTICES
from ops.state.telling_layout import ALERT_MEMORIES, AUDIT_CHAIN, AUDIT_ORIGIN, TELLING
from ops.state.windows_layout import KEPT_SETTINGS

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

# deployments.source: the file that it was read from, to the byte, its format, and the folder from which relative paths
# in it lead; all empty where flags defined it.
# starts: every start of a schedule that was dealt with, so that none is made twice.
# machine_claims: the run that works on a machine now.
# journal: each step of each machine of a run, before and after; machine_id is empty for a step of the whole run.
# run_requests: what somebody asks of a run (pause, resume, cancel); whoever does it sets done_at.
# service: at most one row, the holder of the lease.
_DEPLOYMENTS = """
CREATE TABLE deployments (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    document TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT '',
    source_format TEXT NOT NULL DEFAULT '',
    source_folder TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 1,
    changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;

CREATE TABLE starts (
    deployment TEXT NOT NULL COLLATE NOCASE,
    due_at TEXT NOT NULL,
    run_id TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL,
    PRIMARY KEY (deployment, due_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    deployment TEXT NOT NULL COLLATE NOCASE,
    status TEXT NOT NULL,
    opens_at TEXT NOT NULL,
    document TEXT NOT NULL,
    plan TEXT NOT NULL DEFAULT '',
    revision INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX runs_by_deployment ON runs (deployment, opens_at);
CREATE INDEX runs_by_status ON runs (status);

CREATE TABLE machine_runs (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    machine_id TEXT NOT NULL,
    wave INTEGER NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (run_id, machine_id)
) STRICT;

CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    machine_id TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL,
    step TEXT NOT NULL,
    phase TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX journal_by_run ON journal (run_id, id);

CREATE TABLE machine_claims (
    machine_id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    since TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    action TEXT NOT NULL,
    at TEXT NOT NULL,
    requester TEXT NOT NULL,
    done_at TEXT
) STRICT;

CREATE TABLE service (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    token TEXT NOT NULL,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    user TEXT NOT NULL,
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    version TEXT NOT NULL,
    doing TEXT NOT NULL DEFAULT ''
) STRICT;

-- Scheduled assessments: when a machine was last begun by the service, whatever came of it.
CREATE TABLE assessed_by_service (
    machine_id TEXT PRIMARY KEY,
    begun_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

# failures: how often in a row the service could not reach the machine. refreshed_at: when its lists were last fetched.
# duties: when something that the service does from time to time was last done.
_SERVICE_MEMORY = """
ALTER TABLE assessed_by_service ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE assessed_by_service ADD COLUMN refreshed_at TEXT;

CREATE TABLE duties (
    name TEXT PRIMARY KEY,
    done_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

# A plan is megabytes for a thousand machines, and a run's row is written anew with each step of each of them.
_PLANS = """
CREATE TABLE plans (
    run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    document TEXT NOT NULL
) STRICT;

INSERT INTO plans SELECT id, plan FROM runs WHERE plan <> '';
ALTER TABLE runs DROP COLUMN plan;
"""

_GROUPS = """
CREATE TABLE groups (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (
    _FIRST,
    _VERSIONS_SEEN,
    _FEEDS,
    _DEPLOYMENTS,
    _SERVICE_MEMORY,
    _PLANS,
    _GROUPS,
    ENROLMENT,
    WATCHED_GROUPS,
    SOURCE_CLAIMS,
    TELLING,
    AUDIT_CHAIN,
    ALERT_MEMORIES,
    AUDIT_ORIGIN,
    EDITIONS,
    NOTICES,
    KEPT_SETTINGS,
)
