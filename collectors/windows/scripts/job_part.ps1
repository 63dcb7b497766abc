# Where jobs are kept, and what is known of a job.

function Test-PatchdeckId($id) {
    return [string]$id -cmatch '^[A-Za-z0-9][A-Za-z0-9-]{0,99}\z'
}

function Test-PatchdeckAdministrator {
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object -TypeName System.Security.Principal.WindowsPrincipal -ArgumentList @($identity)
    return $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Get-PatchdeckJobs {
    return [IO.Path]::Combine((Get-PatchdeckRoot), 'jobs')
}

function Get-PatchdeckTaskName($id) {
    return 'patchdeck-' + $id
}

function Find-PatchdeckTrouble($id) {
    $jobs = Get-PatchdeckJobs
    foreach ($path in @((Get-PatchdeckRoot), $jobs, ($jobs + '\' + $id))) {
        $trouble = Get-PatchdeckFolderTrouble $path
        if ($trouble) { return $trouble }
    }
    return ''
}

# The bytes of a file from an offset on; others may write, rename and remove it meanwhile.
function Read-PatchdeckBytes($path, $from, $most) {
    $share = [System.IO.FileShare]7
    $stream = [System.IO.File]::Open($path, [System.IO.FileMode]::Open, [System.IO.FileAccess]::Read, $share)
    try {
        $length = [Math]::Max(0, [Math]::Min([int64]$most, $stream.Length - $from))
        $bytes = New-Object -TypeName 'byte[]' -ArgumentList @($length)
        [void]$stream.Seek($from, [System.IO.SeekOrigin]::Begin)
        $count = 0
        while ($count -lt $length) {
            $read = $stream.Read($bytes, $count, $length - $count)
            if ($read -le 0) { break }
            $count += $read
        }
        return @{ bytes = $bytes; count = $count; length = $stream.Length }
    } finally {
        $stream.Dispose()
    }
}

# The status file as an object, null where there is none that can be read; it may be swapped while it is opened.
function Read-PatchdeckStatus($folder) {
    $path = $folder + '\status.json'
    for ($try = 0; $try -lt 5; $try++) {
        if (-not [System.IO.File]::Exists($path)) { return $null }
        try {
            $got = Read-PatchdeckBytes $path 0 8388608
            return ConvertFrom-Json ([System.Text.Encoding]::UTF8.GetString($got.bytes, 0, $got.count))
        } catch {
            Start-Sleep -Milliseconds 100
        }
    }
    return $null
}

# Whether the job's own process lives: its number may have been given to another one since.
function Test-PatchdeckProcess($status) {
    if ($null -eq $status -or -not $status.process) { return $false }
    $process = Get-Process -Id $status.process -ErrorAction SilentlyContinue
    if ($null -eq $process) { return $false }
    try {
        return [string]$process.StartTime.ToUniversalTime().Ticks -eq [string]$status.process_began
    } catch {
        return $process.ProcessName -eq 'powershell'
    }
}

function Get-PatchdeckBoot {
    $booted = (Get-CimInstance -OperationTimeoutSec 20 -ClassName Win32_OperatingSystem).LastBootUpTime.ToUniversalTime()
    return $booted.ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture)
}

# Queued or running.
function Test-PatchdeckBusy($task) {
    return $task.State -eq 2 -or $task.State -eq 4
}

# absent, running, ended or interrupted. A process that is gone is looked for before its end is, and not after it.
function Get-PatchdeckState($id, $folder) {
    $status = Read-PatchdeckStatus $folder
    if ($null -eq $status) {
        # One that is there and cannot be read: what runs is not begun a second time.
        if (-not [IO.File]::Exists($folder + '\status.json')) { return 'absent' }
        $task = Find-PatchdeckTask (Get-PatchdeckTaskName $id)
        if ($null -ne $task -and (Test-PatchdeckBusy $task)) { return 'running' }
        return 'absent'
    }
    if ($null -ne $status.exit) { return 'ended' }
    if (Test-PatchdeckProcess $status) { return 'running' }
    $status = Read-PatchdeckStatus $folder
    if ($null -ne $status -and $null -ne $status.exit) { return 'ended' }
    if ($null -ne $status -and $status.process) { return 'interrupted' }
    $task = Find-PatchdeckTask (Get-PatchdeckTaskName $id)
    if ($null -eq $task) { return 'absent' }
    if (Test-PatchdeckBusy $task) { return 'running' }
    return 'interrupted'
}

# The id of another job that works, empty where there is none.
function Find-PatchdeckOther($id) {
    $jobs = Get-PatchdeckJobs
    if (-not [System.IO.Directory]::Exists($jobs)) { return '' }
    foreach ($path in [System.IO.Directory]::GetDirectories($jobs)) {
        $name = [System.IO.Path]::GetFileName($path)
        if ($name -ne $id -and (Test-PatchdeckId $name) -and (Get-PatchdeckState $name $path) -eq 'running') {
            return $name
        }
    }
    return ''
}

function Write-PatchdeckRefusal($id, $reason, $message) {
    Write-PatchdeckAnswer @{ schema = 1; job = $id; state = 'refused'; reason = $reason; message = [string]$message }
}

# What changes with whatever is new of a job.
function Get-PatchdeckStamp($folder, $state) {
    $parts = @($state)
    foreach ($name in @('status.json', 'log.txt')) {
        $file = New-Object -TypeName System.IO.FileInfo -ArgumentList @($folder + '\' + $name)
        if ($file.Exists) { $parts += ([string]$file.Length + '.' + [string]$file.LastWriteTimeUtc.Ticks) }
    }
    return $parts -join '-'
}

# The state is looked at first: what says that it ended comes with its whole log, or with `more`.
function Write-PatchdeckJob($id, $folder, $from, $most, $other) {
    $state = Get-PatchdeckState $id $folder
    if ($state -eq 'absent' -and $other) { $state = 'busy' }
    $task = Find-PatchdeckTask (Get-PatchdeckTaskName $id)
    $status = $null
    if ($state -ne 'absent' -and $state -ne 'busy') { $status = Read-PatchdeckStatus $folder }
    # While its process lives nothing has restarted. WMI is not asked then: it is slow, or restarted, while updates install.
    $boot = ''
    if ($state -eq 'running' -and $null -ne $status) { $boot = [string]$status.boot }
    if (-not $boot) { $boot = Get-PatchdeckBoot }
    $answer = @{
        schema    = 1
        job       = $id
        state     = $state
        other     = $other
        boot      = $boot
        stamp     = Get-PatchdeckStamp $folder $state
        status    = $status
        log       = ''
        log_from  = $from
        log_end   = $from
        more      = $false
    }
    if ($null -ne $task) {
        $answer.task_state = [int]$task.State
        $answer.task_result = Format-PatchdeckResult $task.LastTaskResult
    }
    $log = $folder + '\log.txt'
    if ($most -gt 0 -and $null -ne $status -and [System.IO.File]::Exists($log)) {
        $got = Read-PatchdeckBytes $log $from $most
        $answer.log = [Convert]::ToBase64String($got.bytes, 0, $got.count)
        $answer.log_end = $from + $got.count
        $answer.more = $answer.log_end -lt $got.length
    }
    Write-PatchdeckAnswer $answer
}
