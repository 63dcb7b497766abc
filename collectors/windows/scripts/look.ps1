# How a machine is now: before and after a reboot, and at a health gate.

# Services that start by themselves and ended with an error. What waits for its trigger, or for its turn after the
# others, has not failed.
function Get-FailedServices {
    $failed = @()
    $stopped = Get-CimInstance -OperationTimeoutSec 20 -ClassName Win32_Service -Filter "StartMode='Auto' and State='Stopped'"
    foreach ($service in $stopped) {
        if ($service.ExitCode -eq 0 -or $service.DelayedAutoStart -eq $true) { continue }
        $key = 'HKLM:\SYSTEM\CurrentControlSet\Services\' + $service.Name
        if (Test-Path -LiteralPath ($key + '\TriggerInfo')) { continue }
        $failed += [string]$service.Name
    }
    return $failed
}

function Get-Listening {
    $listening = @()
    $properties = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
    foreach ($point in $properties.GetActiveTcpListeners()) { $listening += [string]$point.ToString() }
    return $listening
}

# Whoever has a desktop there.
function Get-DesktopUsers {
    $users = @()
    foreach ($shell in @(Get-CimInstance -OperationTimeoutSec 20 -ClassName Win32_Process -Filter "Name='explorer.exe'")) {
        $owner = Invoke-CimMethod -InputObject $shell -MethodName GetOwner
        if ($owner.ReturnValue -eq 0 -and $owner.User) { $users += ([string]$owner.Domain + '\' + [string]$owner.User) }
    }
    return @($users | Sort-Object -Unique)
}

# Whether the servicing of Windows is at work: its worker stays for minutes after it is done, and uses nothing then.
function Test-Installer {
    $workers = @(Get-Process -Name 'TiWorker' -ErrorAction SilentlyContinue)
    if ($workers.Count -eq 0) { return $false }
    $before = @{}
    foreach ($worker in $workers) { $before[[string]$worker.Id] = $worker.TotalProcessorTime.TotalSeconds }
    Start-Sleep -Seconds 2
    foreach ($worker in @(Get-Process -Name 'TiWorker' -ErrorAction SilentlyContinue)) {
        if ($worker.TotalProcessorTime.TotalSeconds - $before[[string]$worker.Id] -gt 0.2) { return $true }
    }
    return $false
}

function Get-RegistryNumber($path, $name) {
    $item = Get-ItemProperty -LiteralPath $path -Name $name -ErrorAction SilentlyContinue
    if ($null -eq $item) { return $null }
    return [int]$item.$name
}

$system = Get-CimInstance -OperationTimeoutSec 20 -ClassName Win32_OperatingSystem
$booted = $system.LastBootUpTime.ToUniversalTime()
$kernel = [string]$system.Version
$revision = Get-RegistryNumber 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'UBR'
if ($null -ne $revision) { $kernel = $kernel + '.' + $revision }
$answer = @{
    schema            = 1
    boot              = $booted.ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture)
    kernel            = $kernel
    uptime_seconds    = [Math]::Round(($system.LocalDateTime.ToUniversalTime() - $booted).TotalSeconds, 1)
    failed_services   = $null
    listening         = $null
    users             = $null
    servicing         = $null
    installer_working = $null
}
try {
    $answer.failed_services = @(Get-FailedServices)
} catch {
    $answer.failed_services = $null
}
try {
    $answer.listening = @(Get-Listening)
} catch {
    $answer.listening = $null
}
try {
    $answer.users = @(Get-DesktopUsers)
} catch {
    $answer.users = $null
}
try {
    $path = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Interface'
    $answer.servicing = Get-RegistryNumber $path 'ServicingInProgress'
} catch {
    $answer.servicing = $null
}
# A worker may end while it is looked at.
try {
    $answer.installer_working = [bool](Test-Installer)
} catch {
    $answer.installer_working = $null
}
Write-PatchdeckAnswer $answer
