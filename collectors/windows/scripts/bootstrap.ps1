$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$mode = [string]$ExecutionContext.SessionState.LanguageMode
if ($mode -ne 'FullLanguage') {
    "patchdeck-language $mode"
    exit 3
}
$told = New-Object System.Text.StringBuilder
$body = New-Object System.Text.StringBuilder
$marker = ''
$ended = $false
$count = 0
foreach ($line in $input) {
    $text = ([string]$line).Trim()
    if ($text.StartsWith('C ')) { $marker = $text.Substring($text.LastIndexOf(' ') + 1) }
    if ($text.StartsWith('P ')) { [void]$told.Append($text.Substring(2)) }
    if ($text.StartsWith('S ')) { [void]$body.Append($text.Substring(2)) }
    if ($text -eq ('E ' + $count)) { $ended = $true }
    if ($text) { $count++ }
}
if (-not $ended) {
    'patchdeck-input-cut'
    exit 4
}
$utf8 = New-Object System.Text.UTF8Encoding($false)
$Patchdeck = ConvertFrom-Json $utf8.GetString([Convert]::FromBase64String($told.ToString()))
$PatchdeckMarker = $marker
. ([ScriptBlock]::Create($utf8.GetString([Convert]::FromBase64String($body.ToString()))))
