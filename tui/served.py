"""What a session over SSH has not got: programs and files of the server. The keys for them are grey, and say why.

This is for the message. What holds is below: `ops.acting_login`, and the kernel for whoever is no admin.
"""

from textual.dom import DOMNode

from ops.acting_login import acting_login

# By the class that has the action.
_PROGRAMS = frozenset(
    {
        "DeploymentForm.go_on",
        "DeploymentsScreen.edit_text",
        "FullText.page",
        "QueryScreen.edit",
        "ReportScreen.view",
        "SavedQueries.open_editor",
        "SettingsScreen.edit_file",
        "TableScreen.page",
    }
)
_FILES = frozenset(
    {
        "PreviewScreen.write",
        "QueryScreen.export",
        "ReportScreen.write",
        "RunScreen.write",
        "SourcesScreen.import_list",
        "SourcesScreen.open",
        "SourcesScreen.read_now",
    }
)


def why_not_served(node: DOMNode, name: str) -> str:
    """Why the action ``name`` of ``node`` is not to be had over SSH; empty where it is, and in any other process."""
    if acting_login() is None:
        return ""
    names = {f"{each.__name__}.{name}" for each in type(node).__mro__}
    if names & _PROGRAMS:
        return "over serve-ssh no program of the server is started; Patchdeck on the host itself can"
    if names & _FILES:
        return "over serve-ssh there are no files of the server; copy with c or y, or use Patchdeck on the host itself"
    return ""
