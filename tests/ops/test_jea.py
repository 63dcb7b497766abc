"""The JEA endpoint: read by PowerShell's grammar, plain ASCII, and nothing in it that anybody gave but a name."""

import re

import pytest

from fleet.errors import BadInput
from ops.jea.endpoint import jea_files

# What Windows PowerShell 5.1 does not know, and what would make a session hang or run what a caller gives.
_REFUSED = re.compile(r"\?\?|&&|\|\||-Parallel|-AsHashtable|Read-Host|Invoke-Expression|\biex\b|ScriptBlock\]::Create")
_CALLS = re.compile(r"(?<![\w\\$'-])([A-Z][a-z]+-[A-Za-z]+)")


def _contents(*, patching: bool = True) -> dict[str, str]:
    return {each.name: each.content for each in jea_files("CONTOSO\\Patch Admins", patching=patching)}


def test_grammar_of_powershell_reads_every_file() -> None:
    """Nothing here can run them: this is what can be known."""
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_powershell", reason="the grammar is not installed: make dev")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))

    for name, content in _contents().items():
        assert not parser.parse(content.encode("ascii")).root_node.has_error, name


def test_files_are_ascii_and_know_only_powershell_5() -> None:
    """Windows PowerShell reads files without a mark in the system's own encoding."""
    for name, content in _contents().items():
        assert content.isascii(), name
        assert not _REFUSED.search(content), name
        for line in content.splitlines():
            assert "ConvertTo-Json" not in line or "-Depth" in line, name


def test_assessing_alone_cannot_install() -> None:
    """Without --patching nothing of the other role is in any file."""
    text = "".join(_contents(patching=False).values())

    assert "Install-PatchdeckUpdate" not in text
    assert "Restart-PatchdeckComputer" not in text
    assert "RoleCapabilities = @('PatchdeckAssess')" in text
    assert "RoleCapabilities = @('PatchdeckAssess', 'PatchdeckInstall')" in "".join(_contents().values())


def test_visible_functions_are_those_that_are_defined() -> None:
    """One that is visible and not defined would stop every session; one defined and not visible is of no use."""
    for name, content in _contents().items():
        if name.endswith(".psrc"):
            visible = re.search(r"VisibleFunctions = @\((.*)\)", content)
            assert visible is not None
            assert re.findall(r"'([^']+)'", visible[1]) == re.findall(r"^ +Name = '([^']+)'", content, re.MULTILINE)


def test_functions_call_commands_by_their_modules() -> None:
    """Within JEA a bare name may be a proxy that is made to do less."""
    for name, content in _contents().items():
        if name.endswith(".psrc"):
            own = set(re.findall(r"'([A-Z][a-z]+-Patchdeck\w+)'", content))
            assert set(_CALLS.findall(content)) <= own, name


def test_functions_need_no_provider_and_import_the_modules_that_they_name() -> None:
    """A session of this kind may have neither drives nor modules that load by themselves."""
    for name, content in _contents().items():
        if name.endswith(".psrc"):
            imported = re.search(r"ModulesToImport = @\((.*)\)", content)
            assert imported is not None
            named = set(re.findall(r"([A-Z][\w.]+)\\[A-Z][a-z]+-", content)) - {"Microsoft.PowerShell.Core"}
            assert set(re.findall(r"'([^']+)'", imported[1])) == named, name
            assert not re.search(r"\$env:|HK(LM|CU):|Registry::H", content), name


def test_the_script_holds_the_files_word_for_word() -> None:
    """No line in them ends the text that they stand in."""
    contents = _contents()
    script = contents.pop("Register-Patchdeck.ps1")

    for name, content in contents.items():
        assert content in script, name
        assert not any(line.startswith("'@") for line in content.splitlines())
    assert "__" not in script.replace("__PRINCIPAL__", "").replace("__TRANSCRIPTS__", "")
    assert "$group = 'CONTOSO\\Patch Admins'" in script


def test_the_script_says_what_the_roles_cannot_do_and_that_it_was_not_run() -> None:
    """Above everything else."""
    head = _contents()["Register-Patchdeck.ps1"].partition("#Requires")[0]

    assert "have not run it on a Windows" in head
    assert "NoLanguage" in head
    assert "restart the machine" in head


@pytest.mark.parametrize("group", ["", "a'b", 'a"b', "$(x)", "a`b", "A\\B\\C", "a\nb", "grüppe", "x" * 65, "a ", "a;b"])
def test_group_that_would_be_more_than_a_name_is_refused(group: str) -> None:
    """It stands in a script that administrators run."""
    with pytest.raises(BadInput):
        jea_files(group)
