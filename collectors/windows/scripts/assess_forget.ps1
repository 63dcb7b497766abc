# with: search_part task_part assess_part
# Ends a search by SYSTEM that nobody waits for any more, and removes everything of it.
$answer = @{
    schema = 1
    run_id = [string]$Patchdeck.run_id
    errors = @()
}
try { Remove-PatchdeckRun $answer.run_id } catch { $answer.errors += New-PatchdeckError 'forget' $_ }
Write-PatchdeckAnswer $answer
