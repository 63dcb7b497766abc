"""What a home consists of, by name."""

VERSION_FILE = "version"
ID_FILE = "home.id"
# What a folder has that is a home.
MARKS = (VERSION_FILE, "state.db")
HOME_PARTS = frozenset(
    {
        VERSION_FILE,
        "config.toml",
        ID_FILE,
        "state.db",
        "state.db-wal",
        "state.db-shm",
        "tables",
        "pending",
        "runs",
        "queries",
        "asked",
        "known_hosts",
        "known_certificates",
        "patchdeck.log",
        "patchdeck.log.1",
        "store.lock",
        "service.lock",
        "feeds",
        "temp",
        "aside",
        "secrets",
        "roles.toml",
        "service.sock",
        "serve-ssh",
        "lost+found",  # a home can be a file system of its own
    }
)
