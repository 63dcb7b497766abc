# Runs an administrator's script as the user who logged in, within its time, and leaves nothing behind.

# A folder of this user alone, whose name nobody can guess.
function New-ScriptFolder {
    $path = [System.IO.Path]::GetTempPath() + 'patchdeck-' + [Guid]::NewGuid().ToString('N')
    $security = New-Object -TypeName System.Security.AccessControl.DirectorySecurity
    $security.SetAccessRuleProtection($true, $false)
    $user = [System.Security.Principal.WindowsIdentity]::GetCurrent().User
    $system = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList @('S-1-5-18')
    foreach ($who in @($user, $system)) {
        $given = @($who, 'FullControl', 'ContainerInherit, ObjectInherit', 'None', 'Allow')
        $rule = New-Object -TypeName System.Security.AccessControl.FileSystemAccessRule -ArgumentList $given
        $security.AddAccessRule($rule)
    }
    [void][System.IO.Directory]::CreateDirectory($path, $security)
    return $path
}

# The beginning of what it printed; a script may have left something running that still writes there.
function Read-Output($path, $most) {
    if (-not [System.IO.File]::Exists($path)) { return '' }
    $share = [System.IO.FileShare]7
    $stream = [System.IO.File]::Open($path, [System.IO.FileMode]::Open, [System.IO.FileAccess]::Read, $share)
    try {
        $length = [Math]::Min([int64]$most, $stream.Length)
        $bytes = New-Object -TypeName 'byte[]' -ArgumentList @($length)
        $count = 0
        while ($count -lt $length) {
            $read = $stream.Read($bytes, $count, $length - $count)
            if ($read -le 0) { break }
            $count += $read
        }
        return [Convert]::ToBase64String($bytes, 0, $count)
    } finally {
        $stream.Dispose()
    }
}

# The command line for cmd.exe: all that stands in it is ours, and a random name.
function Get-CommandLine($folder, $kind) {
    $system = [Environment]::SystemDirectory
    $run = '"' + $folder + '\script.cmd"'
    if ($kind -eq 'powershell') {
        $run = '"' + $system + '\WindowsPowerShell\v1.0\powershell.exe" -NoLogo -NoProfile -NonInteractive'
        $run += ' -ExecutionPolicy Bypass -File "' + $folder + '\script.ps1"'
    }
    $line = '"' + $system + '\chcp.com" 65001 >nul & ' + $run
    return '/d /s /c "(' + $line + ') < "' + $folder + '\input" > "' + $folder + '\output" 2>&1"'
}

function Start-Script($folder) {
    $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
    $start.FileName = [Environment]::SystemDirectory + '\cmd.exe'
    $start.Arguments = Get-CommandLine $folder ([string]$Patchdeck.kind)
    $start.WorkingDirectory = $folder
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    foreach ($pair in $Patchdeck.environment.PSObject.Properties) {
        $start.EnvironmentVariables[$pair.Name] = [string]$pair.Value
    }
    return [System.Diagnostics.Process]::Start($start)
}

$answer = @{ schema = 1; exit = $null; late = $false; output = ''; elapsed_seconds = 0; message = '' }
$folder = ''
$watch = [System.Diagnostics.Stopwatch]::StartNew()
try {
    $folder = New-ScriptFolder
    $name = '\script.cmd'
    if ([string]$Patchdeck.kind -eq 'powershell') { $name = '\script.ps1' }
    [System.IO.File]::WriteAllBytes($folder + $name, [Convert]::FromBase64String([string]$Patchdeck.text))
    [System.IO.File]::WriteAllBytes($folder + '\input', [Convert]::FromBase64String([string]$Patchdeck.stdin))
    $watch.Restart()
    $process = Start-Script $folder
    if ($process.WaitForExit(1000 * [int]$Patchdeck.timeout_seconds)) {
        $answer.exit = $process.ExitCode
    } else {
        $answer.late = $true
        $ErrorActionPreference = 'Continue'
        $said = & ([Environment]::SystemDirectory + '\taskkill.exe') @('/PID', [string]$process.Id, '/T', '/F') 2>&1
        $ErrorActionPreference = 'Stop'
        [void]$process.WaitForExit(10000)
    }
    $answer.elapsed_seconds = [Math]::Round($watch.Elapsed.TotalSeconds, 2)
    $answer.output = Read-Output ($folder + '\output') ([int]$Patchdeck.most_output)
} catch {
    $answer.message = [string]$_.Exception.Message
} finally {
    if ($folder) { Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue }
}
Write-PatchdeckAnswer $answer
