# Has the machine restarted after some seconds, and those who are logged in told. Windows keeps the time itself:
# shutdown /a ends it before.
$program = [Environment]::SystemDirectory + '\shutdown.exe'
$given = @('/r', '/t', [string][int]$Patchdeck.seconds, '/d', 'p:2:17')
if ($Patchdeck.message) { $given += @('/c', [string]$Patchdeck.message) }
$ErrorActionPreference = 'Continue'
$said = & $program $given 2>&1
$status = $LASTEXITCODE
$words = @($said | ForEach-Object { [string]$_ }) -join ' '
Write-PatchdeckAnswer @{ schema = 1; exit = $status; message = $words }
