"""Which role each verb takes. What is not named takes an admin: a new verb is refused until somebody thinks about it.

This is for the message, before anything is done. What holds is below: `ops.permission`, the files' modes, the service.
"""

from fleet.errors import NotPermitted
from fleet.roles import Role
from ops.home import Home
from ops.permission import refusal
from ops.roles import standing_of

READING = frozenset(
    {
        "",  # the app: its keys are refused one by one
        "alerts back-test",
        "alerts history",
        "alerts list",
        "alerts open",
        "alerts preview",
        "alerts show",
        "alerts starter",
        "audit",
        "audit head",
        "audit show",
        "audit verify",
        "channels list",
        "channels show",
        "commands",
        "complete",
        "completion",
        "check",  # --sudoers and the like ask no machine; what does is refused where machines are reached
        "diff",
        "deployments approvals",
        "deployments calendar",
        "deployments history",
        "deployments list",
        "deployments logs",
        "deployments outlook",
        "deployments record",
        "deployments results",
        "deployments runs",
        "deployments show",
        "deployments starts",
        "deployments status",
        "enrol-token list",
        "export",
        "feeds list",
        "groups facts",
        "groups list",
        "groups preview",
        "groups show",
        "home show",
        "keys list",
        "machines candidates",
        "machines authorities",
        "machines list",
        "machines history",
        "machines logs",
        "machines show",
        "messages list",
        "messages show",
        "metrics",
        "overview",
        "profiles list",
        "profiles show",
        "profiles which",
        "queries list",
        "queries show",
        "query",
        "reports list",
        "reports make",
        "reports schedule list",
        "scope show",
        "scope preview",
        "settings list",
        "settings show",
        "secrets show",
        "serve-ssh keys list",
        "serve-ssh sessions list",
        "serve-ssh unit",
        "service status",
        "sources show",
        "sources list",
        "tables check",
        "tables list",
        "tables stats",
        "updates",
        "windows kept",
        "windows show",  # as check
        "why",
        "about",
    }
)
OPERATING = frozenset(
    {
        "assess",
        "deployments cancel",
        "deployments pause",
        "deployments preview",
        "deployments resume",
        "deployments run",
    }
)


ADMINISTERING = frozenset(
    {
        "alerts ack",
        "alerts add",
        "alerts disable",
        "alerts edit",
        "alerts enable",
        "alerts remove",
        "alerts test",
        "channels add",
        "channels disable",
        "channels edit",
        "channels enable",
        "channels remove",
        "channels test",
        "demo",
        "deployments add",
        "deployments approve",
        "deployments disable",
        "deployments edit",
        "deployments enable",
        "deployments remove",
        "deployments unapprove",
        "enrol-accept",
        "enrol-token authorize",
        "enrol-token new",
        "enrol-token revoke",
        "feeds add",
        "feeds remove",
        "feeds update",
        "groups add",
        "groups edit",
        "groups remove",
        "home share",
        "home unshare",
        "machines accept-certificate",
        "machines accept-key",
        "machines add",
        "machines approve",
        "machines disable",
        "machines edit",
        "machines enable",
        "machines import",
        "machines password",
        "machines probe",
        "machines refuse",
        "machines reinstalled",
        "machines remove",
        "machines rename",
        "machines restore",
        "machines revoke-key",
        "machines retire",
        "machines test",
        "machines trust-ca",
        "messages retry",
        "profiles add",
        "profiles edit",
        "profiles remove",
        "profiles rotate",
        "profiles set-secret",
        "profiles test",
        "queries copy",
        "queries edit",
        "queries remove",
        "queries rename",
        "queries save",
        "reports schedule add",
        "reports schedule edit",
        "reports schedule remove",
        "scope add",
        "scope remove",
        "secrets init",
        "secrets passphrase",
        "serve-ssh",
        "serve-ssh keys add",
        "serve-ssh keys remove",
        "serve-ssh sessions end",
        "service install",
        "service run",
        "service start",
        "service stop",
        "service uninstall",
        "settings edit",
        "settings set",
        "settings unset",
        "sources edit",
        "sources remove",
        "sources run",
        "tables compact",
        "tables key",
        "tables load",
        "tables vacuum",
        "windows configure",
        "windows dump-raw",
        "windows restore",
    }
)


def role_of_verb(verb: str) -> Role:
    """The least role that ``verb``, as in "machines add", takes."""
    if verb in READING:
        return Role.VIEWER
    return Role.OPERATOR if verb in OPERATING else Role.ADMIN


def require_role(home: Home, verb: str) -> None:
    """Let ``verb`` pass if this user, in this process, may do it.

    Raises:
        NotPermitted: it takes a higher role; says which, and why it is not had.
    """
    needed = role_of_verb(verb)
    if needed is Role.VIEWER and refusal(home.path) is not None:
        return
    standing = standing_of(home)
    if standing.role < needed:
        raise NotPermitted(f"Cannot {verb}: that takes an {needed.word}; {standing.reason}. Nothing was changed.")
