"""The step of the layout of state.db about notices; `ops.state.migrations` has the order of all."""

# Of which starts people were told before; let go some days after the start.
NOTICES = """
CREATE TABLE notices (
    deployment TEXT NOT NULL COLLATE NOCASE,
    due_at TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (deployment, due_at)
) STRICT, WITHOUT ROWID;
"""
