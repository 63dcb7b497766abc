"""The step of the layout of state.db about editions of deployments; `ops.state.migrations` has the order of all."""

# editions: who defined what a deployment is now and was, in order, and how many approvals it asked for. They outlive
# the deployment, so that removing it and adding it again is no way around its approvals.
EDITIONS = """
CREATE TABLE editions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    deployment TEXT NOT NULL COLLATE NOCASE,
    document TEXT NOT NULL
) STRICT;

CREATE INDEX editions_of ON editions (deployment, id);
"""
