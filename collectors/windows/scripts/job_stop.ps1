# with: task_part job_part
# Asks a job to begin nothing more; what runs is left to its end.

$id = [string]$Patchdeck.id
$folder = (Get-PatchdeckJobs) + '\' + $id
try {
    $trouble = 'it is no id of a job'
    if (Test-PatchdeckId $id) { $trouble = Find-PatchdeckTrouble $id }
    if ($trouble) {
        Write-PatchdeckRefusal $id 'folder' $trouble
    } else {
        if ((Get-PatchdeckState $id $folder) -eq 'running') { [System.IO.File]::WriteAllText($folder + '\stop', '') }
        Write-PatchdeckJob $id $folder 0 0 ''
    }
} catch {
    Write-PatchdeckRefusal $id 'task' $_.Exception.Message
}
