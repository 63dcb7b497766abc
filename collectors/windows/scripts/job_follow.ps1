# with: task_part job_part
# Reports on a job: at once where something is new, otherwise after some seconds.

$id = [string]$Patchdeck.id
$folder = (Get-PatchdeckJobs) + '\' + $id
try {
    $trouble = 'it is no id of a job'
    if (Test-PatchdeckId $id) { $trouble = Find-PatchdeckTrouble $id }
    if ($trouble) {
        Write-PatchdeckRefusal $id 'folder' $trouble
    } else {
        $until = [DateTime]::UtcNow.AddSeconds([Math]::Min(20, [int]$Patchdeck.wait_seconds))
        $stamp = [string]$Patchdeck.stamp
        while ($stamp -and [DateTime]::UtcNow -lt $until) {
            $state = Get-PatchdeckState $id $folder
            if ((Get-PatchdeckStamp $folder $state) -ne $stamp) { break }
            Start-Sleep -Seconds 1
        }
        $other = ''
        if ((Get-PatchdeckState $id $folder) -eq 'absent') { $other = Find-PatchdeckOther $id }
        Write-PatchdeckJob $id $folder ([int64]$Patchdeck.log_from) ([int]$Patchdeck.most_bytes) $other
    }
} catch {
    Write-PatchdeckRefusal $id 'task' $_.Exception.Message
}
