# with: task_part job_part
# Removes what a job that does not run left: its task and its folder.

$id = [string]$Patchdeck.id
$folder = (Get-PatchdeckJobs) + '\' + $id
try {
    $trouble = 'it is no id of a job'
    if (Test-PatchdeckId $id) { $trouble = Find-PatchdeckTrouble $id }
    if ($trouble) {
        Write-PatchdeckRefusal $id 'folder' $trouble
    } else {
        if ((Get-PatchdeckState $id $folder) -ne 'running') {
            Remove-PatchdeckTask (Get-PatchdeckTaskName $id)
            Remove-PatchdeckFolder $folder
        }
        Write-PatchdeckJob $id $folder 0 0 ''
    }
} catch {
    Write-PatchdeckRefusal $id 'task' $_.Exception.Message
}
