# Searches by SYSTEM: each has a task and a folder of its own, by a number that nobody can guess.

function Get-PatchdeckFolder($run) {
    if ($run -notmatch '^[0-9a-f]{8,64}\z') { throw 'The id of a run is no hexadecimal number.' }
    return [IO.Path]::Combine((Get-PatchdeckRoot), 'assess-' + $run)
}

function Get-PatchdeckTaskName($run) {
    return 'Patchdeck-assess-' + $run
}

function Remove-PatchdeckRun($run) {
    $folder = Get-PatchdeckFolder $run
    $name = Get-PatchdeckTaskName $run
    $task = Find-PatchdeckTask $name
    if ($null -ne $task) {
        try { [void]$task.Stop(0) } catch { [void]$_ }
        Remove-PatchdeckTask $name
    }
    Remove-PatchdeckFolder $folder
}

# What runs left behind that nobody came back for, a day old.
function Remove-PatchdeckOldRuns {
    $root = Get-PatchdeckRoot
    if (-not [IO.Directory]::Exists($root)) { return }
    foreach ($folder in [IO.Directory]::GetDirectories($root, 'assess-*')) {
        try {
            if ([IO.Directory]::GetCreationTimeUtc($folder) -lt [DateTime]::UtcNow.AddDays(-1)) {
                Remove-PatchdeckRun ([IO.Path]::GetFileName($folder).Substring(7))
            }
        } catch { [void]$_ }
    }
}
