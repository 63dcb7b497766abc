# with: search_part
# Run by a task of SYSTEM, started in the folder that holds what it is told. Its answer is a file there.
$folder = [Environment]::CurrentDirectory
[Environment]::CurrentDirectory = [Environment]::SystemDirectory
$utf8 = New-Object System.Text.UTF8Encoding($false)
$told = ConvertFrom-Json $utf8.GetString([IO.File]::ReadAllBytes([IO.Path]::Combine($folder, 'told.json')))
try {
    $found = Find-PatchdeckUpdates $told.online $told.history
} catch {
    $found = @{
        search = $null
        updates = @()
        installed = $null
        history = @()
        reboot_required = $null
        wua_asked = $false
        errors = @(New-PatchdeckError 'task' $_)
    }
}
try {
    $system = New-Object -ComObject Microsoft.Update.SystemInfo
    $found.reboot_required = [bool]$system.RebootRequired
    $found.wua_asked = $true
} catch {
    $found.errors += New-PatchdeckError 'reboot' $_
}
$json = ConvertTo-Json -InputObject $found -Depth 12 -Compress
$aside = [IO.Path]::Combine($folder, 'result.new')
[IO.File]::WriteAllBytes($aside, $utf8.GetBytes($json))
[IO.File]::Move($aside, [IO.Path]::Combine($folder, 'result.json'))
