# Runs before every script: what is told stands in $Patchdeck, what is answered goes through Write-PatchdeckAnswer.
Set-StrictMode -Off
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

# An error's own number, as Windows Update and COM give it: 0x and eight digits.
function Format-PatchdeckResult($number) {
    return '0x{0:X8}' -f ([int64]$number -band 4294967295)
}

# Base64 of UTF-8 JSON between markers: no code page, profile, progress or wrapping changes it.
function Write-PatchdeckAnswer($answer) {
    $json = ConvertTo-Json -InputObject $answer -Depth 12 -Compress
    $bytes = (New-Object System.Text.UTF8Encoding($false)).GetBytes($json)
    $text = [Convert]::ToBase64String($bytes)
    [Console]::Out.WriteLine('<<<patchdeck ' + $PatchdeckMarker)
    for ($at = 0; $at -lt $text.Length; $at += 960) {
        [Console]::Out.WriteLine($text.Substring($at, [Math]::Min(960, $text.Length - $at)))
    }
    [Console]::Out.WriteLine('patchdeck>>> ' + $PatchdeckMarker)
    [Console]::Out.Flush()
}
