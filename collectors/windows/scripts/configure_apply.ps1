# with: settings_part task_part
# Writes settings of the Windows Update client: values of the list below and nothing else, all of them or none, and only
# where each still holds what it is expected to. Told: changes[] {name, expected, wanted}, each null or {kind, number,
# text}, and service: add, remove or look for Microsoft Update, which is allowed to tasks of SYSTEM alone.
$policy = 'SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate'
$automatic = 'SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU'
$allowed = @{
    NoAutoUpdate = $automatic
    AUOptions = $automatic
    ScheduledInstallDay = $automatic
    ScheduledInstallTime = $automatic
    DetectionFrequencyEnabled = $automatic
    DetectionFrequency = $automatic
    AllowMUUpdateService = $automatic
    NoAutoRebootWithLoggedOnUsers = $automatic
    AlwaysAutoRebootAtScheduledTime = $automatic
    AlwaysAutoRebootAtScheduledTimeMinutes = $automatic
    UseWUServer = $automatic
    SetActiveHours = $policy
    ActiveHoursStart = $policy
    ActiveHoursEnd = $policy
    WUServer = $policy
    WUStatusServer = $policy
    UpdateServiceUrlAlternate = $policy
    TargetGroupEnabled = $policy
    TargetGroup = $policy
    DoNotConnectToWindowsUpdateInternetLocations = $policy
}
$servers = @('WUServer', 'WUStatusServer', 'UpdateServiceUrlAlternate')

function Write-PatchdeckValue($name, $held) {
    if ($null -eq $held) {
        $key = $hive.OpenSubKey($allowed[$name], $true)
        if ($null -eq $key) { return }
        try { $key.DeleteValue($name, $false) } finally { $key.Close() }
        return
    }
    $key = $hive.CreateSubKey($allowed[$name])
    try {
        if ($held.kind -eq 'dword') {
            $number = [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$held.number), 0)
            $key.SetValue($name, $number, [Microsoft.Win32.RegistryValueKind]::DWord)
        } elseif ($held.kind -eq 'string') {
            $key.SetValue($name, [string]$held.text, [Microsoft.Win32.RegistryValueKind]::String)
        } elseif ($held.kind -eq 'expand-string') {
            $key.SetValue($name, [string]$held.text, [Microsoft.Win32.RegistryValueKind]::ExpandString)
        } else {
            throw ($name + ' has a type that is not written.')
        }
        $key.Flush()
    } finally {
        $key.Close()
    }
}

function Test-PatchdeckSame($one, $other) {
    if ($null -eq $one -or $null -eq $other) { return ($null -eq $one -and $null -eq $other) }
    if ($one.kind -ne $other.kind) { return $false }
    if ($one.kind -eq 'dword') { return ([int64]$one.number -eq [int64]$other.number) }
    return ([string]$one.text -ceq [string]$other.text)
}

# Refuses what is not in the list, has another type than it says, or is a server with a password.
function Assert-PatchdeckChange($change) {
    $name = [string]$change.name
    if (-not $allowed.ContainsKey($name)) { throw ('The value ' + $name + ' is not one that may be written.') }
    $held = $change.wanted
    if ($null -eq $held) { return }
    if (@('dword', 'string', 'expand-string') -notcontains [string]$held.kind) { throw ($name + ' has a type that is not written.') }
    if ($held.kind -eq 'dword') {
        if ([int64]$held.number -lt 0 -or [int64]$held.number -gt 4294967295) { throw ($name + ' is no number of 32 bits.') }
        return
    }
    if (([string]$held.text).Length -gt 1024) { throw ($name + ' is too long.') }
    if ($servers -contains $name -and ([string]$held.text).Contains('@')) { throw ($name + ' holds a name or a password.') }
}

# Does something with the registration of Microsoft Update as SYSTEM. The texts are fixed; the task's exit code tells:
# 21 registered, 22 not registered, 23 it will be, anything else is an error.
function Invoke-PatchdeckService($deed) {
    $texts = @{
        add = '$made = $manager.AddService2($id, 7, "")'
        remove = 'if (@($manager.Services | Where-Object { $_.ServiceID -eq $id }).Count -gt 0) { $manager.RemoveService($id) }'
        look = ''
    }
    if (-not $texts.ContainsKey($deed)) { throw 'Nothing of that kind is done with services.' }
    $lines = @(
        '$ErrorActionPreference = "Stop"'
        '$id = "7971f918-a847-4430-9279-4a52d1efe18d"'
        'try {'
        '$manager = New-Object -ComObject Microsoft.Update.ServiceManager'
        '$manager.ClientApplicationID = "Patchdeck"'
        '$made = $null'
        $texts[$deed]
        'if (@($manager.Services | Where-Object { $_.ServiceID -eq $id }).Count -gt 0) { exit 21 }'
        'if ($null -ne $made -and $made.RegistrationState -eq 2) { exit 23 }'
        'exit 22'
        '} catch { exit $_.Exception.GetBaseException().HResult }'
    )
    $name = 'Patchdeck-service-' + $PatchdeckMarker
    $description = 'Patchdeck registers Microsoft Update, and removes this when it is done.'
    Register-PatchdeckTask $name $description ($lines -join "`n") '' 'PT5M'
    try {
        Start-PatchdeckTask $name
        return (Wait-PatchdeckTask $name 60)
    } finally {
        Remove-PatchdeckTask $name
    }
}

$changes = @($Patchdeck.changes | Where-Object { $null -ne $_ })
$before = @{}
$state = 'refused'
try {
    foreach ($change in $changes) { Assert-PatchdeckChange $change }
    $state = 'applied'
    foreach ($change in $changes) {
        $name = [string]$change.name
        $before[$name] = Read-PatchdeckValue $allowed[$name] $name
        # What is of another type could not be put back.
        $is_known = $null -eq $before[$name] -or $before[$name].kind -ne 'other'
        if (-not $is_known -or -not (Test-PatchdeckSame $before[$name] $change.expected)) { $state = 'changed-meanwhile' }
    }
} catch {
    Add-PatchdeckError 'check' $_
    $state = 'refused'
}

if ($state -eq 'applied') {
    $touched = New-Object System.Collections.ArrayList
    try {
        foreach ($change in $changes) {
            $touched.Insert(0, [string]$change.name)
            Write-PatchdeckValue ([string]$change.name) $change.wanted
        }
    } catch {
        Add-PatchdeckError 'write' $_
        $state = 'undone'
        foreach ($name in $touched) {
            try {
                Write-PatchdeckValue $name $before[$name]
            } catch {
                Add-PatchdeckError 'undo' $_
                $state = 'partly'
            }
        }
    }
}

$service = ''
if ($state -eq 'applied' -and $Patchdeck.service) {
    try {
        $service = Invoke-PatchdeckService ([string]$Patchdeck.service)
    } catch {
        Add-PatchdeckError 'service' $_
    }
}

$after = New-Object System.Collections.ArrayList
foreach ($change in $changes) {
    $name = [string]$change.name
    if ($allowed.ContainsKey($name)) {
        try {
            [void]$after.Add(@{ name = $name; before = $before[$name]; after = (Read-PatchdeckValue $allowed[$name] $name) })
        } catch {
            Add-PatchdeckError 'read back' $_
        }
    }
}

Write-PatchdeckAnswer @{
    schema = 1
    state = $state
    changes = @($after)
    service_result = $service
    errors = @($errors)
}
