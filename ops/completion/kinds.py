"""Which names may stand for which argument and option of which verb."""

from enum import Enum


class Kind(Enum):
    """A kind of name that a home knows, or ``FILE``."""

    TARGET = "target"
    MACHINE = "machine"
    CANDIDATE = "candidate"
    GROUP = "group"
    PROFILE = "profile"
    SOURCE = "source"
    DEPLOYMENT = "deployment"
    RUN = "run"
    RULE = "rule"
    CHANNEL = "channel"
    REPORT_SCHEDULE = "report schedule"
    FEED = "feed"
    QUERY = "query"
    TABLE = "table"
    SETTING = "setting"
    UPDATE = "update"
    FILE = "file"


# By the name of the argument or option, for every verb.
_EVERYWHERE = {
    "targets": Kind.TARGET,
    "machine": Kind.MACHINE,
    "machine_or_update": Kind.MACHINE,
    "run": Kind.RUN,
    "update": Kind.UPDATE,
    "table": Kind.TABLE,
    "tables": Kind.TABLE,
    "groups": Kind.GROUP,
    "profile": Kind.PROFILE,
    "channels": Kind.CHANNEL,
    "channel": Kind.CHANNEL,
    "fallback": Kind.CHANNEL,
    "deployment": Kind.DEPLOYMENT,
    "query": Kind.QUERY,
    "target": Kind.TARGET,
    "file": Kind.FILE,
    "files": Kind.FILE,
    "key_file": Kind.FILE,
    "source": Kind.FILE,
}
# By the first word of the verb: what NAME is there.
_NAMED = {
    "machines": Kind.MACHINE,
    "groups": Kind.GROUP,
    "profiles": Kind.PROFILE,
    "sources": Kind.SOURCE,
    "deployments": Kind.DEPLOYMENT,
    "alerts": Kind.RULE,
    "channels": Kind.CHANNEL,
    "reports": Kind.REPORT_SCHEDULE,
    "feeds": Kind.FEED,
    "queries": Kind.QUERY,
    "query": Kind.QUERY,
    "export": Kind.TABLE,
    "settings": Kind.SETTING,
}
_CANDIDATES = ("machines approve", "machines refuse")


def kind_of(verb: str, parameter: str) -> Kind | None:
    """What ``parameter`` of ``verb``, as in "machines show", takes; None where nobody can know it beforehand."""
    if parameter not in ("name", "names"):
        return _EVERYWHERE.get(parameter)
    group, _, last = verb.partition(" ")
    if last.endswith("add"):
        return None  # a name that there is not yet
    return Kind.CANDIDATE if verb in _CANDIDATES else _NAMED.get(group)
