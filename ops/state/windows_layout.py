"""The steps of the layout of state.db about Windows machines; `ops.state.migrations` has the order of all."""

# client_settings: what the settings of a machine's update client were before Patchdeck wrote others.
KEPT_SETTINGS = """
CREATE TABLE client_settings (
    machine_id TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
