# with: settings_part
# Reads the settings of the Windows Update client, and changes nothing: values of the registry, the services that the
# agent knows, and the files in which Group Policy keeps what it sets. Told: values[] {name, key, value}.
$microsoftUpdate = '7971f918-a847-4430-9279-4a52d1efe18d'

function Read-PatchdeckPolicyFile($source, $path) {
    $file = @{ source = $source; exists = $false; content = $null }
    try {
        if ([System.IO.File]::Exists($path)) {
            $file.exists = $true
            if ((New-Object System.IO.FileInfo($path)).Length -gt 524288) { throw 'The file is larger than 512 kB.' }
            $file.content = [Convert]::ToBase64String([System.IO.File]::ReadAllBytes($path))
        }
    } catch {
        Add-PatchdeckError ('policy ' + $source) $_
    }
    return $file
}

$values = New-Object System.Collections.ArrayList
foreach ($wanted in @($Patchdeck.values)) {
    try {
        $held = Read-PatchdeckValue ([string]$wanted.key) ([string]$wanted.value)
        if ($null -ne $held) { [void]$values.Add(@{ name = [string]$wanted.name; held = $held }) }
    } catch {
        Add-PatchdeckError ('value ' + [string]$wanted.name) $_
    }
}

$services = @{ asked = $false; is_microsoft_update_registered = $null; known = @() }
try {
    $known = New-Object System.Collections.ArrayList
    $manager = New-Object -ComObject Microsoft.Update.ServiceManager
    $services.is_microsoft_update_registered = $false
    foreach ($service in $manager.Services) {
        $id = ([string]$service.ServiceID).ToLowerInvariant()
        if ($id -eq $microsoftUpdate) { $services.is_microsoft_update_registered = $true }
        [void]$known.Add(@{ id = $id; name = [string]$service.Name; is_default = [bool]$service.IsDefaultAUService })
    }
    $services.asked = $true
    $services.known = @($known)
} catch {
    $services.is_microsoft_update_registered = $null
    Add-PatchdeckError 'services' $_
}

$computer = @{ domain = ''; is_domain_member = $null; caption = ''; build = $null; product_type = $null; is_administrator = $null }
try {
    $system = Get-CimInstance -OperationTimeoutSec 20 -ClassName Win32_OperatingSystem
    $computer.caption = [string]$system.Caption
    $computer.build = [int]$system.BuildNumber
    $computer.product_type = [int]$system.ProductType
    $machine = Get-CimInstance -OperationTimeoutSec 20 -ClassName Win32_ComputerSystem
    $computer.domain = [string]$machine.Domain
    $computer.is_domain_member = [bool]$machine.PartOfDomain
} catch {
    Add-PatchdeckError 'computer' $_
}
try {
    $principal = New-Object System.Security.Principal.WindowsPrincipal([System.Security.Principal.WindowsIdentity]::GetCurrent())
    $computer.is_administrator = $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
} catch {
    Add-PatchdeckError 'login' $_
}

# What a device management has set; names with an underscore say who did.
$managed = New-Object System.Collections.ArrayList
try {
    $key = $hive.OpenSubKey('SOFTWARE\Microsoft\PolicyManager\current\device\Update')
    if ($null -ne $key) {
        foreach ($name in $key.GetValueNames()) {
            if ($name -and -not $name.Contains('_')) { [void]$managed.Add([string]$name) }
        }
        $key.Close()
    }
} catch {
    Add-PatchdeckError 'device management' $_
}

$files = New-Object System.Collections.ArrayList
[void]$files.Add((Read-PatchdeckPolicyFile 'applied' (Join-Path $env:ProgramData 'ntuser.pol')))
[void]$files.Add((Read-PatchdeckPolicyFile 'local' (Join-Path $env:SystemRoot 'System32\GroupPolicy\Machine\Registry.pol')))

Write-PatchdeckAnswer @{
    schema = 1
    computer = $computer
    values = @($values)
    services = $services
    managed = @($managed)
    policy_files = @($files)
    errors = @($errors)
}
