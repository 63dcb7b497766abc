# with: search_part facts_part task_part assess_part
# One assessment: what the machine is, and what it misses where this login may search; otherwise SYSTEM is put to it.
$clock = [Diagnostics.Stopwatch]::StartNew()
$who = [Security.Principal.WindowsIdentity]::GetCurrent()
$role = New-Object Security.Principal.WindowsPrincipal($who)
$logons = @{ 'S-1-5-2' = 'network'; 'S-1-5-3' = 'batch'; 'S-1-5-4' = 'interactive'; 'S-1-5-6' = 'service' }
$answer = @{
    schema = 1
    ok = $false
    method = 'direct'
    collected_utc = (Format-PatchdeckTime ([DateTime]::UtcNow))
    elapsed_ms = 0
    script_sha = [string]$Patchdeck.script_sha
    is_admin = $role.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    logon_type = ''
    computer = $null
    agent = $null
    source = $null
    reboot = $null
    task = $null
    search = $null
    updates = @()
    installed = $null
    history = @()
    errors = @()
}
foreach ($group in $who.Groups) {
    if ($logons.ContainsKey($group.Value)) { $answer.logon_type = $logons[$group.Value] }
}
try { $answer.computer = Get-PatchdeckComputer } catch { $answer.errors += New-PatchdeckError 'computer' $_ }
try { $answer.agent = Get-PatchdeckAgent } catch { $answer.errors += New-PatchdeckError 'agent' $_ }
try { $answer.source = Get-PatchdeckSource } catch { $answer.errors += New-PatchdeckError 'source' $_ }
try { $answer.reboot = Get-PatchdeckReboot } catch { $answer.errors += New-PatchdeckError 'reboot' $_ }

function Set-PatchdeckFound() {
    $answer.method = 'direct'
    $found = Find-PatchdeckUpdates $Patchdeck.told.online $Patchdeck.told.history
    $answer.search = $found.search
    $answer.updates = $found.updates
    $answer.installed = $found.installed
    $answer.history = $found.history
    $answer.errors += $found.errors
}

function Start-PatchdeckSearch() {
    $answer.method = 'task'
    $run = [string]$Patchdeck.run_id
    $answer.task = @{
        state = 'refused'
        run_id = $run
    }
    $folder = Get-PatchdeckFolder $run
    New-PatchdeckFolder (Get-PatchdeckRoot)
    Remove-PatchdeckOldRuns
    New-PatchdeckFolder $folder
    try {
        $told = ConvertTo-Json -InputObject $Patchdeck.told -Depth 4 -Compress
        $utf8 = New-Object System.Text.UTF8Encoding($false)
        [IO.File]::WriteAllBytes([IO.Path]::Combine($folder, 'told.json'), $utf8.GetBytes($told))
        $script = [Convert]::FromBase64String([string]$Patchdeck.task_script)
        $name = Get-PatchdeckTaskName $run
        $limit = 'PT' + [int]$Patchdeck.task_minutes + 'M'
        $description = 'Patchdeck searches for updates, and removes this when it is done.'
        Register-PatchdeckScript $name $description $script $folder $limit
        Start-PatchdeckTask $name
    } catch {
        try { Remove-PatchdeckRun $run } catch { [void]$_ }
        throw
    }
    $answer.task.state = 'started'
}

# Logins from elsewhere are refused by build 26100 and newer, which is found out by all others.
$number = [int64](Read-PatchdeckNumber $PatchdeckVersion 'CurrentBuild')
$ways = @('direct', 'task')
$is_newer = ($number -ge 26100)
if ($Patchdeck.search -eq 'task' -or ($Patchdeck.search -eq 'auto' -and $is_newer)) { $ways = @('task', 'direct') }
foreach ($way in $ways) {
    try {
        if ($way -eq 'task') { Start-PatchdeckSearch } else { Set-PatchdeckFound }
        break
    } catch {
        $answer.errors += New-PatchdeckError $way $_
        # Whatever else stops a search stops one by SYSTEM, too.
        if ($way -eq 'direct' -and $answer.errors[-1].hresult -ne '0x80070005') { break }
    }
}
$answer.ok = ($null -ne $answer.search -or ($null -ne $answer.task -and $answer.task.state -eq 'started'))
$answer.elapsed_ms = [int]$clock.ElapsedMilliseconds
Write-PatchdeckAnswer $answer
