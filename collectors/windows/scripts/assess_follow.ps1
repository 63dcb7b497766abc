# with: search_part task_part assess_part
# What became of a search by SYSTEM. Nothing is removed here: should this answer be lost, it can be had again.
$run = [string]$Patchdeck.run_id
$answer = @{
    schema = 1
    run_id = $run
    state = 'running'
    task_state = $null
    task_result = ''
    result = ''
    errors = @()
}
try {
    $path = [IO.Path]::Combine((Get-PatchdeckFolder $run), 'result.json')
    $task = Find-PatchdeckTask (Get-PatchdeckTaskName $run)
    if ($null -ne $task) {
        $answer.task_state = [int]$task.State
        $answer.task_result = Format-PatchdeckResult $task.LastTaskResult
    }
    # Queued or running, or not yet begun.
    $goes_on = @(2, 4) -contains $answer.task_state -or @('0x00041303', '0x00041325') -contains $answer.task_result
    # Looked at after the task: one that has ended by now has written before.
    if ([IO.File]::Exists($path)) {
        $answer.result = [Convert]::ToBase64String([IO.File]::ReadAllBytes($path))
        $answer.state = 'done'
    } elseif ($null -eq $task) {
        $answer.state = 'gone'
    } elseif (-not $goes_on) {
        $answer.state = 'failed'
    }
} catch {
    $answer.errors += New-PatchdeckError 'follow' $_
}
Write-PatchdeckAnswer $answer
