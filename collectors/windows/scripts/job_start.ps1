# with: task_part job_part
# Begins a job as a task of SYSTEM, or reports on it where it was begun before.

# One start at a time: who has this file open alone may begin a job. Null where somebody else keeps it.
function Open-PatchdeckLock($jobs) {
    for ($try = 0; $try -lt 40; $try++) {
        try {
            $mode = [System.IO.FileMode]::OpenOrCreate
            return [System.IO.File]::Open($jobs + '\lock', $mode, 'ReadWrite', [System.IO.FileShare]::None)
        } catch [System.IO.IOException] {
            Start-Sleep -Milliseconds 500
        }
    }
    return $null
}

function Write-PatchdeckFile($path, $bytes) {
    [System.IO.File]::WriteAllBytes($path + '.new', $bytes)
    if ([System.IO.File]::Exists($path)) {
        [System.IO.File]::Delete($path)
    }
    [System.IO.File]::Move($path + '.new', $path)
}

# What ended long ago goes, should nobody have asked for it.
function Remove-PatchdeckOld($jobs, $id) {
    $limit = [DateTime]::UtcNow.AddDays(-14)
    foreach ($path in [System.IO.Directory]::GetDirectories($jobs)) {
        $name = [System.IO.Path]::GetFileName($path)
        if ($name -eq $id -or -not (Test-PatchdeckId $name)) { continue }
        if ([System.IO.Directory]::GetLastWriteTimeUtc($path) -gt $limit) { continue }
        if ((Get-PatchdeckState $name $path) -eq 'running') { continue }
        # What cannot be removed now is tried again with the next job.
        try {
            Remove-PatchdeckTask (Get-PatchdeckTaskName $name)
            Remove-PatchdeckFolder $path
        } catch { [void]$_ }
    }
}

function Write-PatchdeckOrder($folder) {
    $utf8 = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList @($false)
    $order = ConvertTo-Json -InputObject $Patchdeck.order -Depth 8 -Compress
    Write-PatchdeckFile ($folder + '\order.json') $utf8.GetBytes($order)
    $now = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture)
    $status = @{
        schema      = 1
        job         = [string]$Patchdeck.id
        kind        = [string]$Patchdeck.order.kind
        phase       = 'starting'
        process     = 0
        boot        = Get-PatchdeckBoot
        started_utc = $now
        updated_utc = $now
    }
    $json = ConvertTo-Json -InputObject $status -Depth 4 -Compress
    Write-PatchdeckFile ($folder + '\status.json') $utf8.GetBytes($json)
}

# Until the job's process has its claim. Empty, or why the task did not begin.
function Start-PatchdeckProcess($name, $folder) {
    Start-PatchdeckTask $name
    for ($try = 0; $try -lt 60; $try++) {
        Start-Sleep -Milliseconds 500
        $status = Read-PatchdeckStatus $folder
        if ($null -ne $status -and ($status.process -or $null -ne $status.exit)) { return '' }
        $task = Find-PatchdeckTask $name
        if ($try -gt 6 -and ($null -eq $task -or $task.State -eq 1 -or $task.State -eq 3)) { break }
    }
    $status = Read-PatchdeckStatus $folder
    if ($null -ne $status -and ($status.process -or $null -ne $status.exit)) { return '' }
    $task = Find-PatchdeckTask $name
    if ($null -eq $task) { return 'the task was removed before it began' }
    if (Test-PatchdeckBusy $task) { return '' }
    return 'the task did not begin: ' + (Format-PatchdeckResult $task.LastTaskResult)
}

function Start-PatchdeckJob($id, $jobs, $folder) {
    Remove-PatchdeckOld $jobs $id
    $other = Find-PatchdeckOther $id
    if ((Get-PatchdeckState $id $folder) -ne 'absent' -or $other) {
        Write-PatchdeckJob $id $folder 0 0 $other
        return
    }
    # What a start that was cut off left there is none of this one's.
    Remove-PatchdeckFolder $folder
    New-PatchdeckFolder $folder
    Write-PatchdeckOrder $folder
    $name = Get-PatchdeckTaskName $id
    $script = [Convert]::FromBase64String([string]$Patchdeck.task)
    Register-PatchdeckScript $name 'Installs updates for Patchdeck; removed by it afterwards.' $script $folder 'P3D'
    $trouble = Start-PatchdeckProcess $name $folder
    if ($trouble) {
        Remove-PatchdeckTask $name
        try { Remove-PatchdeckFolder $folder } catch { [void]$_ }
        Write-PatchdeckRefusal $id 'task' $trouble
        return
    }
    Write-PatchdeckJob $id $folder 0 0 ''
}

$id = [string]$Patchdeck.id
$lock = $null
try {
    if (-not (Test-PatchdeckId $id)) {
        Write-PatchdeckRefusal $id 'order' 'it is no id of a job'
    } elseif (-not (Test-PatchdeckAdministrator)) {
        Write-PatchdeckRefusal $id 'not-administrator' 'the login has no rights of an administrator there'
    } else {
        $jobs = Get-PatchdeckJobs
        $trouble = Find-PatchdeckTrouble $id
        if ($trouble) {
            Write-PatchdeckRefusal $id 'folder' $trouble
        } else {
            New-PatchdeckFolder (Get-PatchdeckRoot)
            New-PatchdeckFolder $jobs
            $lock = Open-PatchdeckLock $jobs
            if ($null -eq $lock) {
                Write-PatchdeckRefusal $id 'task' 'another start has been going on there for 20 s'
            } else {
                Start-PatchdeckJob $id $jobs ($jobs + '\' + $id)
            }
        }
    }
} catch {
    $cause = $_.Exception.GetBaseException()
    $code = Format-PatchdeckResult $cause.HResult
    Write-PatchdeckRefusal $id 'task' ($code + ' ' + $cause.Message)
} finally {
    if ($null -ne $lock) { $lock.Dispose() }
}
