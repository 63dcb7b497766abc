#Requires -Version 5.1
#Requires -RunAsAdministrator
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$endpoint = 'Patchdeck'
$group = '__GROUP__'
$module = Join-Path -Path $env:ProgramFiles -ChildPath 'WindowsPowerShell\Modules\PatchdeckJea'
$capabilities = Join-Path -Path $module -ChildPath 'RoleCapabilities'
$transcripts = Join-Path -Path $env:ProgramFiles -ChildPath 'PatchdeckJea\Transcripts'
$sessionFile = Join-Path -Path $module -ChildPath 'Patchdeck.pssc'

# Whoever connects. A name without a domain is a group of this machine, which is made where it is not there.
$principal = $group
if (-not $group.Contains('\')) {
    $principal = "$($env:COMPUTERNAME)\$group"
    if ($null -eq (Get-LocalGroup -Name $group -ErrorAction SilentlyContinue)) {
        New-LocalGroup -Name $group -Description 'May reach this machine as Patchdeck does' | Out-Null
    }
}

# Program Files is for administrators to write, and ProgramData for anybody; transcripts are for administrators to read as well.
New-Item -ItemType Directory -Path $capabilities -Force | Out-Null
New-Item -ItemType Directory -Path $transcripts -Force | Out-Null
& "$($env:SystemRoot)\System32\icacls.exe" $transcripts '/inheritance:r' '/grant:r' '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
if ($LASTEXITCODE -ne 0) {
    throw "icacls could not protect $transcripts."
}

# What an earlier registration left must not stay visible.
Remove-Item -Path (Join-Path -Path $capabilities -ChildPath '*.psrc')
$files = @{}
__FILES__
foreach ($name in $files.Keys) {
    Set-Content -Path (Join-Path -Path $capabilities -ChildPath $name) -Value $files[$name] -Encoding ASCII
}
$script = Join-Path -Path $module -ChildPath 'PatchdeckJea.psm1'
Set-Content -Path $script -Value '# Role capabilities lie beside this.' -Encoding ASCII
New-ModuleManifest -Path (Join-Path -Path $module -ChildPath 'PatchdeckJea.psd1') -RootModule 'PatchdeckJea.psm1'

$session = @'
__SESSION__
'@
$session = $session.Replace('__PRINCIPAL__', $principal).Replace('__TRANSCRIPTS__', $transcripts)
Set-Content -Path $sessionFile -Value $session -Encoding ASCII
if (-not (Test-PSSessionConfigurationFile -Path $sessionFile)) {
    throw "Windows finds a mistake in $sessionFile. Nothing was registered."
}

# WinRM starts anew and ends every remote session: run this on the console, or expect to be cut off.
if ($null -ne (Get-PSSessionConfiguration -Name $endpoint -ErrorAction SilentlyContinue)) {
    Unregister-PSSessionConfiguration -Name $endpoint -NoServiceRestart -Force
}
Register-PSSessionConfiguration -Name $endpoint -Path $sessionFile -Force | Out-Null
Get-PSSessionConfiguration -Name $endpoint
