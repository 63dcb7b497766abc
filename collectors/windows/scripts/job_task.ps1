# The job itself, as SYSTEM: searches what was ordered, downloads all of it, installs it in batches, and writes down
# each step. It is started in its own folder; nobody is connected while it works.

$PatchdeckFolder = [Environment]::CurrentDirectory
# A process holds the folder that it stands in: this one is removed while it still comes to its end.
[Environment]::CurrentDirectory = [Environment]::SystemDirectory
$watch = [System.Diagnostics.Stopwatch]::StartNew()
$utf8 = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList @($false)
$culture = [System.Globalization.CultureInfo]::InvariantCulture
$order = ConvertFrom-Json ([System.IO.File]::ReadAllText($PatchdeckFolder + '\order.json', $utf8))
$begun = ConvertFrom-Json ([System.IO.File]::ReadAllText($PatchdeckFolder + '\status.json', $utf8))
# The same job never begins twice: who started it wrote a process of 0, and this one its own.
if ($begun.process -ne 0 -or $null -ne $begun.exit) { exit 0 }

$state = @{
    schema          = 1
    job             = [string]$begun.job
    kind            = [string]$order.kind
    phase           = 'starting'
    process         = $PID
    process_began   = [string](Get-Process -Id $PID).StartTime.ToUniversalTime().Ticks
    boot            = [string]$begun.boot
    started_utc     = [string]$begun.started_utc
    updated_utc     = ''
    elapsed_seconds = 0
    percent         = 0
    current         = ''
    doing           = ''
    updates         = @()
    batches         = @()
    notes           = @()
    reboot_required = $false
    hresult         = ''
    message         = ''
    exit            = $null
}
$found = @{}
$lockedCodes = @('0x80240009', '0x80240016', '0x80070652', '0x8024004A')
$networkCodes = @(
    '0x8024402C', '0x80072EE2', '0x80072EFD', '0x80072EE7', '0x80072EFE', '0x80072F8F', '0x80240438', '0x8024401C',
    '0x80244022', '0x8024401F', '0x80244010', '0x80246008', '0x80240440', '0x80072EF1'
)
$goingDownCodes = @('0x8007045B', '0x8024001E')
# Trying these again at once would end the same way: licences, questions, disks and component stores are for a person.
$finalCodes = @(
    '0x80240020', '0x8024200A', '0x80240023', '0x80240033', '0x80240017', '0x80240024', '0x80070070', '0x800F081F',
    '0x80073712', '0x80242014', '0x80242016'
)
# Service Packs and Upgrades.
$lastCategories = @('68c5b0a3-d1a6-4553-ae49-01d3a7827828', '3689bdc8-b205-4af4-8d4a-a63924c5e9d5')

function Get-Seconds { return [Math]::Round($watch.Elapsed.TotalSeconds, 3) }

# Written aside and put in place of the old one at once: whoever reads sees the one or the other, whole.
function Save-State {
    $path = $PatchdeckFolder + '\status.json'
    $state.elapsed_seconds = Get-Seconds
    $state.updated_utc = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', $culture)
    $json = ConvertTo-Json -InputObject $state -Depth 8 -Compress
    for ($try = 0; $try -lt 40; $try++) {
        try {
            [System.IO.File]::WriteAllText($path + '.new', $json, $utf8)
            [System.IO.File]::Replace($path + '.new', $path, [NullString]::Value)
            return
        } catch {
            Start-Sleep -Milliseconds 250
        }
    }
}

function Get-LogEnd {
    $file = New-Object -TypeName System.IO.FileInfo -ArgumentList @($PatchdeckFolder + '\log.txt')
    if ($file.Exists) { return $file.Length }
    return 0
}

function Add-Log($text) {
    $line = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', $culture) + ' ' + ([string]$text -replace '\s+', ' ')
    for ($try = 0; $try -lt 20; $try++) {
        try {
            [System.IO.File]::AppendAllText($PatchdeckFolder + '\log.txt', $line + "`r`n", $utf8)
            return
        } catch {
            Start-Sleep -Milliseconds 250
        }
    }
}

function Add-Note($text) {
    Add-Log $text
    if ($state.notes.Count -lt 500) { $state.notes += @{ seconds = Get-Seconds; text = [string]$text } }
}

function Set-Step($phase, $doing, $current, $percent) {
    $state.phase = $phase
    $state.doing = $doing
    $state.current = $current
    $state.percent = [Math]::Max($state.percent, [Math]::Round([Math]::Min(100, $percent), 1))
    Save-State
}

# The number that Windows Update or COM gave, from whatever PowerShell has put around it.
function Get-ErrorResult($record) {
    $cause = $record.Exception
    while ($null -ne $cause.InnerException) { $cause = $cause.InnerException }
    return Format-PatchdeckResult $cause.HResult
}

# Why nothing more may begin: stopped, window, reboot; empty where it may.
function Get-Hindrance {
    if ($goingDownCodes -contains $state.hresult) { return 'reboot' }
    if ([System.IO.File]::Exists($PatchdeckFolder + '\stop')) { return 'stopped' }
    if ((Get-Seconds) -ge $order.start_within_seconds) { return 'window' }
    if ($null -ne $order.end_within_seconds -and (Get-Seconds) -ge $order.end_within_seconds) { return 'window' }
    return ''
}

# Waits in pieces, and no longer than something may still begin.
function Wait-ABit($seconds) {
    $until = (Get-Seconds) + $seconds
    while ((Get-Seconds) -lt $until -and -not (Get-Hindrance)) { Start-Sleep -Seconds 1 }
}

function Test-Good($result) { return $result -eq 2 -or $result -eq 3 }

function Add-Left($entries, $reason) {
    $ids = @($entries | ForEach-Object { @{ id = $_.id; result = $null; hresult = '' } })
    if ($ids.Count -eq 0) { return }
    $at = Get-LogEnd
    $state.batches += @{
        number        = $state.batches.Count + 1
        attempt       = 0
        action        = 'left'
        reason        = $reason
        updates       = $ids
        began_seconds = Get-Seconds
        ended_seconds = Get-Seconds
        log_from      = $at
        log_to        = $at
    }
    Add-Log ('not begun (' + $reason + '): ' + (@($entries | ForEach-Object { $_.name }) -join ', '))
}

function Start-Batch($action, $entries, $attempt) {
    $batch = @{
        number        = $state.batches.Count + 1
        attempt       = $attempt
        action        = $action
        reason        = ''
        updates       = @($entries | ForEach-Object { @{ id = $_.id; result = $null; hresult = '' } })
        began_seconds = Get-Seconds
        ended_seconds = $null
        result        = $null
        hresult       = ''
        log_from      = Get-LogEnd
        log_to        = $null
    }
    $state.batches += $batch
    Add-Log ($action + ', attempt ' + $attempt + ': ' + (@($entries | ForEach-Object { $_.name }) -join ', '))
    return $batch
}

function Stop-Batch($batch, $result, $hresult) {
    $batch.result = $result
    $batch.hresult = $hresult
    foreach ($each in $batch.updates) {
        if ($null -eq $each.result) { $each.result = $result }
        if (-not $each.hresult) { $each.hresult = $hresult }
    }
    if ($goingDownCodes -contains $hresult) { $state.hresult = $hresult }
    foreach ($each in $batch.updates) {
        if ($goingDownCodes -contains $each.hresult) { $state.hresult = $each.hresult }
    }
    Add-Log ($batch.action + ' ended with result ' + $result + ' ' + $hresult)
    $batch.ended_seconds = Get-Seconds
    $batch.log_to = Get-LogEnd
    Save-State
}

# Once more after a pause where servers did not answer, or somebody else installs; empty or why it is given up.
function Wait-ForAnother($code, $try) {
    if ($try -ge $order.tries -or (Get-Hindrance)) { return $false }
    if ($code -eq '0x80244010') { return $true }
    if ($networkCodes -contains $code) {
        Wait-ABit ([Math]::Min(90, 10 * [Math]::Pow(3, $try - 1)))
        return -not (Get-Hindrance)
    }
    if ($lockedCodes -contains $code) {
        Add-Note ('Windows Update is kept busy by something else (' + $code + '); it is tried again.')
        Wait-ABit ([Math]::Max(10, [Math]::Min(120, $order.lock_wait_seconds)))
        return -not (Get-Hindrance)
    }
    return $false
}

function Search-Updates {
    $searcher = $session.CreateUpdateSearcher()
    for ($try = 1; $true; $try++) {
        Set-Step 'searching' 'searching' '' 0
        try {
            $answer = $searcher.Search('IsInstalled=0')
            $code = Format-PatchdeckResult 0
            if (Test-Good $answer.ResultCode) { return $answer }
            $code = '0x80240022'
        } catch {
            $code = Get-ErrorResult $_
            Add-Log ('search: ' + $code + ' ' + $_.Exception.Message)
        }
        if (-not (Wait-ForAnother $code $try)) {
            $state.hresult = $code
            $state.message = 'the search failed'
            return $null
        }
    }
}

# What is found of what was ordered. A newer revision of the same update is taken, and told.
function Find-Ordered($answer) {
    $offered = @{}
    for ($at = 0; $at -lt $answer.Updates.Count; $at++) {
        $update = $answer.Updates.Item($at)
        $offered[([string]$update.Identity.UpdateID).ToLowerInvariant()] = $update
    }
    foreach ($entry in $state.updates) {
        $update = $offered[$entry.id.ToLowerInvariant()]
        if ($null -eq $update) {
            $entry.found = $false
            Add-Note ($entry.name + ' is not offered any more.')
            continue
        }
        $revision = [int]$update.Identity.RevisionNumber
        if ($null -ne $entry.revision -and $revision -ne $entry.revision) {
            Add-Note ($entry.name + ' is offered in revision ' + $revision + ' now; that one is taken.')
        }
        $entry.revision = $revision
        if (Test-Allowed $entry $update) {
            $entry.found = $true
            $found[$entry.id] = $update
        }
    }
}

# What a person has to decide is left, but a licence where the order accepts it.
function Test-Allowed($entry, $update) {
    if ($update.IsHidden -eq $true) {
        $entry.found = $false
        Add-Note ($entry.name + ' has been hidden by somebody since it was ordered.')
        return $false
    }
    if ($null -ne $update.InstallationBehavior -and $update.InstallationBehavior.CanRequestUserInput -eq $true) {
        Set-Failed $entry '0x8024200A' 'it can ask a person for input'
        return $false
    }
    if ($update.EulaAccepted -eq $false) {
        if ($order.accept_licences -ne $true) {
            Set-Failed $entry '0x80240023' 'its licence is not accepted, and the order does not accept it'
            return $false
        }
        try {
            [void]$update.AcceptEula()
            Add-Note ('The licence of ' + $entry.name + ' was accepted, as ordered.')
        } catch {
            Set-Failed $entry (Get-ErrorResult $_) 'its licence cannot be accepted'
            return $false
        }
    }
    return $true
}

function Set-Failed($entry, $code, $why) {
    $entry.found = $true
    $entry.install_result = 4
    $entry.install_hresult = $code
    Add-Note ($entry.name + ': ' + $why + '.')
    $batch = Start-Batch 'install' @($entry) 1
    Stop-Batch $batch 4 $code
}

function New-Collection($entries) {
    $collection = New-Object -ComObject Microsoft.Update.UpdateColl
    foreach ($entry in $entries) { [void]$collection.Add($found[$entry.id]) }
    return , $collection
}

# All of it before anything is installed, so that servers and disks are found wanting early.
function Get-Downloads($entries) {
    $number = 0
    $share = 40
    if ($order.kind -eq 'download') { $share = 100 }
    foreach ($entry in $entries) {
        $number++
        $hindrance = Get-Hindrance
        if ($hindrance) {
            if ($order.kind -eq 'download') { Add-Left @($entry) $hindrance }
            continue
        }
        $percent = $share * ($number - 1) / $entries.Count
        Set-Step 'downloading' ('downloading ' + $number + ' of ' + $entries.Count) $entry.id $percent
        if ($found[$entry.id].IsDownloaded -eq $true) {
            $entry.download_result = 2
            if ($order.kind -eq 'download') { Stop-Batch (Start-Batch 'download' @($entry) 1) 2 '0x00000000' }
        } else {
            Get-OneDownload $entry
        }
    }
}

function Get-OneDownload($entry) {
    for ($try = 1; $true; $try++) {
        $began = Get-Seconds
        $from = Get-LogEnd
        $code = '0x00000000'
        $result = 4
        try {
            $downloader = $session.CreateUpdateDownloader()
            $downloader.Updates = New-Collection @($entry)
            $answer = $downloader.Download()
            $one = $answer.GetUpdateResult(0)
            $result = [int]$one.ResultCode
            $code = Format-PatchdeckResult $one.HResult
        } catch {
            $code = Get-ErrorResult $_
            Add-Log ('download of ' + $entry.name + ': ' + $code + ' ' + $_.Exception.Message)
        }
        $entry.download_result = $result
        $entry.download_hresult = $code
        if (-not (Test-Good $result) -or $order.kind -eq 'download') {
            $batch = Start-Batch 'download' @($entry) $try
            $batch.began_seconds = $began
            $batch.log_from = $from
            Stop-Batch $batch $result $code
        }
        if ((Test-Good $result) -or -not (Wait-ForAnother $code $try)) { return }
    }
}

# Other installers are waited for as long as the order says.
function New-Installer($entries) {
    $installer = $session.CreateUpdateInstaller()
    $installer.AllowSourcePrompts = $false
    try {
        $installer.ForceQuiet = $true
    } catch {
        Add-Log 'this agent knows no ForceQuiet'
    }
    $installer.Updates = New-Collection $entries
    $until = (Get-Seconds) + $order.lock_wait_seconds
    $told = $false
    while ($installer.IsBusy -eq $true -and (Get-Seconds) -lt $until -and -not (Get-Hindrance)) {
        if (-not $told) { Add-Note 'Another installer is at work; it is waited for.' }
        $told = $true
        Start-Sleep -Seconds 1
    }
    return $installer
}

function Install-Batch($entries, $attempt) {
    for ($try = $attempt; $true; $try++) {
        $code = '0x00000000'
        $hindrance = Get-Hindrance
        if (-not $hindrance) {
            try {
                $installer = New-Installer $entries
                $hindrance = Get-Hindrance
                $isDue = $installer.RebootRequiredBeforeInstallation -eq $true
                if (-not $hindrance -and $isDue) { $hindrance = 'reboot' }
            } catch {
                $code = Get-ErrorResult $_
            }
        }
        if ($hindrance) {
            if ($try -eq 1) { Add-Left $entries $hindrance }
            return
        }
        $batch = Start-Batch 'install' $entries $try
        Save-State
        $result = 4
        if ($code -eq '0x00000000') {
            try {
                $answer = $installer.Install()
                $result = [int]$answer.ResultCode
                $code = Format-PatchdeckResult $answer.HResult
                Read-Results $batch $entries $answer
            } catch {
                $code = Get-ErrorResult $_
                Add-Log ('installation: ' + $code + ' ' + $_.Exception.Message)
            }
        }
        Stop-Batch $batch $result $code
        Set-Results $batch $entries
        if ((Test-Good $result) -or -not ($lockedCodes -contains $code)) { return }
        if (-not (Wait-ForAnother $code $try)) { return }
    }
}

function Read-Results($batch, $entries, $answer) {
    for ($at = 0; $at -lt $entries.Count; $at++) {
        $one = $answer.GetUpdateResult($at)
        $batch.updates[$at].result = [int]$one.ResultCode
        $batch.updates[$at].hresult = Format-PatchdeckResult $one.HResult
        $batch.updates[$at].reboot_required = [bool]$one.RebootRequired
        Add-Log ($entries[$at].name + ': result ' + $one.ResultCode + ' ' + $batch.updates[$at].hresult)
    }
}

function Set-Results($batch, $entries) {
    for ($at = 0; $at -lt $entries.Count; $at++) {
        $entries[$at].install_result = $batch.updates[$at].result
        $entries[$at].install_hresult = $batch.updates[$at].hresult
        $entries[$at].reboot_required = $batch.updates[$at].reboot_required
        if ($batch.updates[$at].reboot_required -eq $true) { $state.reboot_required = $true }
    }
}

# Exclusive updates, such as servicing stacks, come first and alone, since others build on them; service packs and new
# releases of Windows come last and alone.
function Split-Batches($entries) {
    $first = @()
    $middle = @()
    $last = @()
    foreach ($entry in $entries) {
        $update = $found[$entry.id]
        $ids = @()
        if ($null -ne $update.Categories) {
            foreach ($category in $update.Categories) { $ids += [string]$category.CategoryID }
        }
        $exclusive = $entry.exclusive -eq $true
        $behavior = $update.InstallationBehavior
        if ($null -ne $behavior -and $behavior.Impact -eq 2) { $exclusive = $true }
        if (@($ids | Where-Object { $lastCategories -contains $_ }).Count -gt 0) {
            $last += $entry
        } elseif ($exclusive) {
            $first += $entry
        } else {
            $middle += $entry
        }
    }
    $batches = @()
    foreach ($entry in $first) { $batches += @{ entries = @($entry) } }
    $size = [Math]::Max(1, [int]$order.batch_size)
    for ($at = 0; $at -lt $middle.Count; $at += $size) {
        $end = [Math]::Min($at + $size, $middle.Count) - 1
        $batches += @{ entries = @($middle[$at..$end]) }
    }
    foreach ($entry in $last) { $batches += @{ entries = @($entry) } }
    return $batches
}

function Install-Updates($entries) {
    $batches = @(Split-Batches $entries)
    $done = 0
    foreach ($part in $batches) {
        $names = @($part.entries)
        $percent = 40 + 55 * $done / $entries.Count
        Set-Step 'installing' ('installing ' + $names.Count + ' of ' + $entries.Count) $names[0].id $percent
        Install-Batch $names 1
        $done += $names.Count
    }
    # What failed in company or by bad luck, once more and alone; where a restart is due, it comes first.
    foreach ($entry in $entries) {
        if ($state.reboot_required -or $entry.install_result -ne 4 -or (Get-Hindrance)) { continue }
        if ($finalCodes -contains $entry.install_hresult -or $lockedCodes -contains $entry.install_hresult) { continue }
        Set-Step 'installing' 'installing again, alone' $entry.id 95
        Install-Batch @($entry) 2
    }
}

# 0 all done, 1 something not; none where Windows goes down: the job is interrupted then.
function Set-End {
    if ($goingDownCodes -contains $state.hresult) {
        Add-Note ('Windows goes down (' + $state.hresult + ').')
        $state.phase = 'failed'
        Save-State
        exit 1
    }
    $left = 0
    foreach ($entry in $state.updates) {
        $result = $entry.install_result
        if ($order.kind -eq 'download') { $result = $entry.download_result }
        if (-not (Test-Good $result)) { $left++ }
    }
    $state.phase = 'done'
    if ([System.IO.File]::Exists($PatchdeckFolder + '\stop')) { $state.phase = 'cancelled' }
    $state.exit = [Math]::Min(1, $left)
    $state.percent = 100
    $state.current = ''
    $state.doing = ''
    Add-Log ('ended, ' + $left + ' not done')
    Save-State
}

# As long as this process lives, the machine does not fall asleep by itself.
function Keep-Awake {
    try {
        $text = '[DllImport("kernel32.dll")] public static extern uint SetThreadExecutionState(uint flags);'
        $power = Add-Type -MemberDefinition $text -Name 'Power' -Namespace 'Patchdeck' -PassThru
        [void]$power::SetThreadExecutionState([uint32]2147483649)
    } catch {
        Add-Log 'the machine may fall asleep meanwhile'
    }
}

try {
    Save-State
    Keep-Awake
    foreach ($each in @($order.updates)) {
        $state.updates += @{
            id               = [string]$each.id
            revision         = $each.revision
            name             = [string]$each.name
            kb               = @($each.kb)
            exclusive        = $each.exclusive
            found            = $null
            download_result  = $null
            download_hresult = ''
            install_result   = $null
            install_hresult  = ''
            reboot_required  = $null
        }
    }
    Add-Log ('job ' + $state.job + ', ' + $state.kind + ' of ' + $state.updates.Count + ' updates')
    $session = New-Object -ComObject Microsoft.Update.Session
    $session.ClientApplicationID = 'Patchdeck'
    $answer = Search-Updates
    if ($null -eq $answer) {
        if ($goingDownCodes -contains $state.hresult) { Set-End }
        $hindrance = Get-Hindrance
        if ($hindrance) { Add-Left $state.updates $hindrance }
        $state.phase = 'failed'
        $state.exit = 2
        Add-Note ('The search failed: ' + $state.hresult + '.')
        Save-State
        exit 2
    }
    if ($answer.ResultCode -eq 3) { Add-Note 'The search ended with warnings.' }
    Find-Ordered $answer
    Get-Downloads @($state.updates | Where-Object { $found.ContainsKey($_.id) })
    if ($order.kind -ne 'download') {
        $ready = @($state.updates | Where-Object { $found.ContainsKey($_.id) -and (Test-Good $_.download_result) })
        $late = @($state.updates | Where-Object { $found.ContainsKey($_.id) -and $null -eq $_.download_result })
        $reason = Get-Hindrance
        if ($late.Count -gt 0 -and $reason) { Add-Left $late $reason }
        if ($ready.Count -gt 0) { Install-Updates $ready }
    }
    Set-End
} catch {
    $state.hresult = Get-ErrorResult $_
    $state.message = [string]$_.Exception.Message
    $state.phase = 'failed'
    Add-Note ('The job failed: ' + $state.hresult + ' ' + $state.message)
    if ($goingDownCodes -contains $state.hresult) {
        Save-State
        exit 1
    }
    $state.exit = 1
    if ($state.batches.Count -eq 0) { $state.exit = 2 }
    Save-State
}
