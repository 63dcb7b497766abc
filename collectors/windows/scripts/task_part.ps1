# Tasks of SYSTEM, and folders for their scripts and what they write: the one way in which anything here becomes SYSTEM.
# Whoever else could write there would be SYSTEM, so the folders lie below Program Files: in ProgramData anybody may
# make a folder of that name first, and put a link in its place between a look at it and its use.

# Owner and group Administrators; SYSTEM and Administrators in full; nothing is inherited from above.
$PatchdeckRights = 'O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)'
$PatchdeckOwners = @('S-1-5-18', 'S-1-5-32-544')

function Get-PatchdeckRoot {
    $programs = [Environment]::GetFolderPath('ProgramFiles')
    if (-not $programs) { throw 'This system names no folder for programs.' }
    return [IO.Path]::Combine($programs, 'Patchdeck')
}

# Why a folder is not ours alone, empty where it is or is not there.
function Get-PatchdeckFolderTrouble($path) {
    if ([IO.File]::Exists($path)) { return $path + ' is a file' }
    if (-not [IO.Directory]::Exists($path)) { return '' }
    $folder = New-Object -TypeName System.IO.DirectoryInfo -ArgumentList @($path)
    # FILE_ATTRIBUTE_REPARSE_POINT
    if (([int]$folder.Attributes -band 1024) -ne 0) { return $path + ' is a link' }
    $there = $folder.GetAccessControl()
    $owner = $there.GetOwner([System.Security.Principal.SecurityIdentifier]).Value
    if ($PatchdeckOwners -notcontains $owner) { return $path + ' belongs to ' + $owner }
    foreach ($rule in $there.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])) {
        $who = $rule.IdentityReference.Value
        if ([string]$rule.AccessControlType -eq 'Allow' -and $PatchdeckOwners -notcontains $who) {
            return $path + ' is open to ' + $who
        }
    }
    return ''
}

# Made with its rights at once, so that it never stands open; one that was there must be ours alone.
function New-PatchdeckFolder($path) {
    if (-not [IO.Directory]::Exists($path)) {
        $rights = New-Object -TypeName System.Security.AccessControl.DirectorySecurity
        # Owner, group and access: what is audited takes one more privilege.
        $rights.SetSecurityDescriptorSddlForm($PatchdeckRights, [System.Security.AccessControl.AccessControlSections]14)
        $folder = [IO.Directory]::CreateDirectory($path, $rights)
        if (-not $folder.GetAccessControl().AreAccessRulesProtected) { $folder.SetAccessControl($rights) }
    }
    $trouble = Get-PatchdeckFolderTrouble $path
    if ($trouble) { throw $trouble }
}

# Not through a link in it, and again: a process that has just ended, or a scanner, may hold it for a moment.
function Remove-PatchdeckFolder($path) {
    for ($try = 1; [IO.Directory]::Exists($path); $try++) {
        try { [IO.Directory]::Delete($path, $true) } catch {
            if ($try -ge 10) { throw }
            Start-Sleep -Milliseconds 300
        }
    }
}

function Open-PatchdeckTasks {
    $service = New-Object -ComObject Schedule.Service
    $service.Connect()
    return $service
}

# The task as it is now; nothing where there is none.
function Find-PatchdeckTask($name) {
    $service = Open-PatchdeckTasks
    try { return $service.GetFolder('\').GetTask($name) } catch { return }
}

# What it runs goes on.
function Remove-PatchdeckTask($name) {
    if ($null -ne (Find-PatchdeckTask $name)) { (Open-PatchdeckTasks).GetFolder('\').DeleteTask($name, 0) }
}

# Has SYSTEM run `text` once it is started; in a folder that is ours, or in that of the system.
function Register-PatchdeckTask($name, $description, $text, $folder, $limit) {
    # One that somebody else made would stay theirs, whatever is put into it: it goes, and a new one is made or none (2).
    Remove-PatchdeckTask $name
    if (-not $folder) { $folder = [Environment]::SystemDirectory }
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
    $service = Open-PatchdeckTasks
    $definition = $service.NewTask(0)
    $definition.RegistrationInfo.Description = $description
    # Whose it is stands in the definition, by number: names of accounts are in the machine's language.
    $definition.Principal.UserId = 'S-1-5-18'
    $definition.Principal.LogonType = 5
    $definition.Principal.RunLevel = 1
    $settings = $definition.Settings
    $settings.Enabled = $true
    $settings.AllowDemandStart = $true
    $settings.DisallowStartIfOnBatteries = $false
    $settings.StopIfGoingOnBatteries = $false
    $settings.RunOnlyIfIdle = $false
    $settings.RunOnlyIfNetworkAvailable = $false
    $settings.MultipleInstances = 2
    $settings.ExecutionTimeLimit = $limit
    # Without it a task is slower than everything else (7).
    $settings.Priority = 5
    $action = $definition.Actions.Create(0)
    $action.Path = [IO.Path]::Combine([Environment]::SystemDirectory, 'WindowsPowerShell\v1.0\powershell.exe')
    $action.Arguments = '-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand ' + $encoded
    $action.WorkingDirectory = $folder
    [void]$service.GetFolder('\').RegisterTaskDefinition($name, $definition, 2, $null, $null, 5)
}

# Puts a script into a folder of ours, and registers its task. What is read from a file and run as text does not depend on
# the policy for script files; only these very bytes are run, whatever lies there by then (99 where it is something else).
function Register-PatchdeckScript($name, $description, $bytes, $folder, $limit) {
    [IO.File]::WriteAllBytes([IO.Path]::Combine($folder, 'task.ps1'), $bytes)
    $hash = New-Object -TypeName System.Security.Cryptography.SHA256CryptoServiceProvider
    $lines = @(
        '$bytes = [IO.File]::ReadAllBytes([IO.Path]::Combine([Environment]::CurrentDirectory, ''task.ps1''))'
        '$hash = New-Object -TypeName System.Security.Cryptography.SHA256CryptoServiceProvider'
        ('$own = ''' + [BitConverter]::ToString($hash.ComputeHash($bytes)) + '''')
        'if ([BitConverter]::ToString($hash.ComputeHash($bytes)) -ne $own) { exit 99 }'
        '. ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString($bytes)))'
    )
    Register-PatchdeckTask $name $description ($lines -join "`n") $folder $limit
}

function Start-PatchdeckTask($name) {
    $task = Find-PatchdeckTask $name
    [void]$task.Run($null)
}

# How a task ended; after so many seconds it is stopped, and where it stood is told: running, not run yet, queued.
function Wait-PatchdeckTask($name, $seconds) {
    $until = [DateTime]::UtcNow.AddSeconds($seconds)
    do {
        Start-Sleep -Milliseconds 250
        $task = Find-PatchdeckTask $name
        if ($null -eq $task) { throw 'The task was removed by somebody else.' }
        $result = Format-PatchdeckResult $task.LastTaskResult
        $waits = @('0x00041301', '0x00041303', '0x00041325') -contains $result
    } while ($waits -and [DateTime]::UtcNow -lt $until)
    if ($waits) {
        try { [void]$task.Stop(0) } catch { [void]$_ }
    }
    return $result
}
