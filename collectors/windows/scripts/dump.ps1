# with: settings_part task_part
# One part of what is known of a machine, raw; told: part, and for echo a text. Changes nothing, but for the part tasks,
# which makes a folder and a task that does nothing, and removes both.
$clock = [Diagnostics.Stopwatch]::StartNew()
$services = @('wuauserv', 'BITS', 'TrustedInstaller', 'CryptSvc', 'UsoSvc', 'WaaSMedicSvc', 'Schedule', 'WinRM', 'sshd', 'W32Time')
$keys = @(
    'SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate'
    'SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\Results\Detect'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\Results\Install'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Services'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\PackagesPending'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Interface'
    'SOFTWARE\Microsoft\WindowsUpdate\UX\Settings'
    'SOFTWARE\Microsoft\PolicyManager\current\device\Update'
    'SOFTWARE\Microsoft\Windows NT\CurrentVersion'
    'SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System'
    'SOFTWARE\Policies\Microsoft\Windows\WinRM\Service'
    'SOFTWARE\Policies\Microsoft\Windows\PowerShell'
    'SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full'
)

# What leads from a category back to all updates that there are, and to its like.
$around = @('Parent', 'Children', 'Updates')

# All properties of an object of COM that can be read, and those of the objects in its collections.
function Get-PatchdeckProperties($thing, $depth) {
    $found = @{}
    $below = $depth - 1
    foreach ($member in @(Get-Member -InputObject $thing -MemberType Property)) {
        $name = [string]$member.Name
        if ($around -contains $name) { continue }
        try {
            $value = $thing.$name
            if ($null -eq $value) { $found[$name] = $null }
            elseif ($value -is [string] -or $value -is [bool] -or $value -is [int] -or $value -is [int64]) { $found[$name] = $value }
            elseif ($value -is [datetime]) { $found[$name] = $value.ToString('o') }
            elseif ($value.GetType().IsCOMObject -and $depth -gt 0) { $found[$name] = Get-PatchdeckItems $value $below }
            else { $found[$name] = [string]$value }
        } catch {
            $base = $_.Exception.GetBaseException()
            $found[$name] = 'error ' + (Format-PatchdeckResult $base.HResult)
        }
    }
    return $found
}

function Get-PatchdeckItems($thing, $depth) {
    $names = @(Get-Member -InputObject $thing -MemberType Property | ForEach-Object { [string]$_.Name })
    if ($names -notcontains 'Count') { return (Get-PatchdeckProperties $thing $depth) }
    $items = New-Object System.Collections.ArrayList
    foreach ($item in $thing) {
        if ($items.Count -ge 200) { break }
        if ($null -ne $item -and $item.GetType().IsCOMObject) { [void]$items.Add((Get-PatchdeckProperties $item $depth)) }
        else { [void]$items.Add([string]$item) }
    }
    return @{ items = @($items) }
}

# Whether something is allowed to this login: how it ended, and how long that took.
function Test-PatchdeckCall($name, $block) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $result = '0x00000000'
    $said = ''
    try { $said = [string](& $block) } catch {
        $base = $_.Exception.GetBaseException()
        $result = Format-PatchdeckResult $base.HResult
        $said = [string]$base.Message
    }
    return @{ call = $name; hresult = $result; said = $said; elapsed_ms = $watch.ElapsedMilliseconds }
}

function Get-PatchdeckEcho() {
    $text = [string]$Patchdeck.text
    return @{
        text = $text
        code_points = @($text.ToCharArray() | ForEach-Object { [int]$_ })
        input_code_page = [Console]::InputEncoding.CodePage
        output_code_page = [Console]::OutputEncoding.CodePage
        is_input_redirected = [Console]::IsInputRedirected
        culture = [Globalization.CultureInfo]::CurrentCulture.Name
        ui_culture = [Globalization.CultureInfo]::CurrentUICulture.Name
        powershell = [string]$PSVersionTable.PSVersion
        clr = [string]$PSVersionTable.CLRVersion
        language_mode = [string]$ExecutionContext.SessionState.LanguageMode
        execution_policy = [string](Get-ExecutionPolicy)
        is_64_bit = [Environment]::Is64BitProcess
        current_folder = [string](Get-Location)
    }
}

function Get-PatchdeckSystem() {
    $found = @{}
    $wanted = @{
        Win32_OperatingSystem = @('Caption', 'Version', 'BuildNumber', 'ProductType', 'OSLanguage', 'Locale', 'OSArchitecture')
        Win32_ComputerSystem = @('PartOfDomain', 'DomainRole', 'TotalPhysicalMemory', 'Model', 'Manufacturer')
        Win32_QuickFixEngineering = @('HotFixID', 'Description', 'InstalledOn')
        Win32_TimeZone = @('Bias', 'StandardName')
    }
    foreach ($class in $wanted.Keys) {
        $rows = New-Object System.Collections.ArrayList
        foreach ($one in @(Get-CimInstance -OperationTimeoutSec 60 -ClassName $class)) {
            $row = @{}
            foreach ($name in $wanted[$class]) { $row[$name] = [string]$one.$name }
            [void]$rows.Add($row)
        }
        $found[$class] = @($rows)
    }
    return $found
}

function Get-PatchdeckServices() {
    $found = New-Object System.Collections.ArrayList
    foreach ($service in @(Get-Service -Name $services -ErrorAction SilentlyContinue)) {
        [void]$found.Add(@{ name = $service.Name; state = [string]$service.Status; start_type = [string]$service.StartType })
    }
    return @($found)
}

function Get-PatchdeckRegistry() {
    $found = New-Object System.Collections.ArrayList
    foreach ($path in $keys) {
        $key = $hive.OpenSubKey($path)
        if ($null -eq $key) {
            [void]$found.Add(@{ key = $path; exists = $false })
            continue
        }
        $values = New-Object System.Collections.ArrayList
        foreach ($name in @($key.GetValueNames() | Select-Object -First 200)) {
            if ($name) { [void]$values.Add(@{ name = $name; held = (Read-PatchdeckValue $path $name) }) }
        }
        $below = @($key.GetSubKeyNames() | Select-Object -First 50)
        $key.Close()
        [void]$found.Add(@{ key = $path; exists = $true; values = @($values); below = $below })
    }
    return @($found)
}

function Get-PatchdeckProbes() {
    $made = @(
        (Test-PatchdeckCall 'CreateUpdateSearcher' { [void](New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher() })
        (Test-PatchdeckCall 'CreateUpdateDownloader' { [void](New-Object -ComObject Microsoft.Update.Session).CreateUpdateDownloader() })
        (Test-PatchdeckCall 'CreateUpdateInstaller' { [void](New-Object -ComObject Microsoft.Update.Session).CreateUpdateInstaller() })
        (Test-PatchdeckCall 'SystemInfo.RebootRequired' { (New-Object -ComObject Microsoft.Update.SystemInfo).RebootRequired })
        (Test-PatchdeckCall 'AutoUpdate.Results' { (New-Object -ComObject Microsoft.Update.AutoUpdate).Results.LastSearchSuccessDate })
        (Test-PatchdeckCall 'AutoUpdate.Settings' { (New-Object -ComObject Microsoft.Update.AutoUpdate).Settings.NotificationLevel })
        (Test-PatchdeckCall 'ServiceManager.Services' { (New-Object -ComObject Microsoft.Update.ServiceManager).Services.Count })
        (Test-PatchdeckCall 'AgentInfo' { (New-Object -ComObject Microsoft.Update.AgentInfo).GetInfo('ProductVersionString') })
    )
    return @($made)
}

function Get-PatchdeckSearch() {
    $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
    $searcher.IncludePotentiallySupersededUpdates = $true
    $result = $searcher.Search('IsInstalled=0')
    return @{
        result_code = [int]$result.ResultCode
        server_selection = [int]$searcher.ServerSelection
        service_id = [string]$searcher.ServiceID
        updates = (Get-PatchdeckItems $result.Updates 3)
        warnings = (Get-PatchdeckItems $result.Warnings 1)
    }
}

function Get-PatchdeckHistory() {
    $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
    $count = [Math]::Min(200, $searcher.GetTotalHistoryCount())
    if ($count -eq 0) { return @{ items = @() } }
    return (Get-PatchdeckItems $searcher.QueryHistory(0, $count) 2)
}

function Get-PatchdeckWinrm() {
    $found = @{}
    foreach ($what in @('get winrm/config', 'enumerate winrm/config/listener', 'id')) {
        $found[$what] = @(& cmd.exe /c ('winrm.cmd ' + $what + ' 2>&1') | ForEach-Object { [string]$_ } | Select-Object -First 200)
    }
    return $found
}

# How all our tasks and folders are made, tried out: which rights a folder has then, and how a task of SYSTEM ends.
function Get-PatchdeckTasks() {
    $name = 'Patchdeck-probe-' + $PatchdeckMarker
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $root = Get-PatchdeckRoot
    $folder = [IO.Path]::Combine($root, 'probe-' + $PatchdeckMarker)
    try {
        New-PatchdeckFolder $root
        New-PatchdeckFolder $folder
        $rights = (Get-Acl -LiteralPath $folder).Sddl
        $script = [Text.Encoding]::ASCII.GetBytes('exit 21')
        Register-PatchdeckScript $name 'Patchdeck tries a task out, and removes it.' $script $folder 'PT5M'
        $registered = $watch.ElapsedMilliseconds
        Start-PatchdeckTask $name
        $result = Wait-PatchdeckTask $name 60
        return @{ rights = $rights; registered_ms = $registered; ended_ms = $watch.ElapsedMilliseconds; result = $result }
    } finally {
        Remove-PatchdeckTask $name
        Remove-PatchdeckFolder $folder
    }
}

# Whose the machine is: told so that it can be taken out of everything else, and kept nowhere.
# Each source by itself: where one cannot be asked, the others still count.
function Get-PatchdeckNames() {
    $names = @{ host = @(); domain = @(); user = @(); organisation = @(); serial = @() }
    $names.host += @([string]$env:COMPUTERNAME, [string][Environment]::MachineName, [string][Net.Dns]::GetHostName())
    $names.domain += @([string]$env:USERDOMAIN, [string]$env:USERDNSDOMAIN)
    $names.user += @([string]$env:USERNAME, [string][Environment]::UserName)
    try {
        $machine = Get-CimInstance -OperationTimeoutSec 60 -ClassName Win32_ComputerSystem
        $names.host += @([string]$machine.Name, [string]$machine.DNSHostName)
        $names.domain += @([string]$machine.Domain, [string]$machine.Workgroup)
        $names.user += @([string]$machine.PrimaryOwnerName, [string]$machine.UserName)
    } catch { Add-PatchdeckError 'names of the computer' $_ }
    try {
        $system = Get-CimInstance -OperationTimeoutSec 60 -ClassName Win32_OperatingSystem
        $names.user += [string]$system.RegisteredUser
        $names.organisation += [string]$system.Organization
        $names.serial += [string]$system.SerialNumber
    } catch { Add-PatchdeckError 'names of the owner' $_ }
    try {
        $network = @(Get-CimInstance -OperationTimeoutSec 60 -ClassName Win32_NetworkAdapterConfiguration -Filter 'IPEnabled = TRUE')
        $names.domain += @($network | ForEach-Object { [string]$_.DNSDomain })
    } catch { Add-PatchdeckError 'names of the network' $_ }
    try {
        $names.user += @(Get-CimInstance -OperationTimeoutSec 60 -ClassName Win32_UserProfile | ForEach-Object { [IO.Path]::GetFileName([string]$_.LocalPath) })
    } catch { Add-PatchdeckError 'names of profiles' $_ }
    try {
        $names.user += @(Get-CimInstance -OperationTimeoutSec 60 -ClassName Win32_UserAccount -Filter 'LocalAccount = TRUE' | ForEach-Object { [string]$_.Name })
    } catch { Add-PatchdeckError 'names of accounts' $_ }
    return $names
}

$answer = @{ schema = 1; part = [string]$Patchdeck.part; ok = $true; found = $null; elapsed_ms = 0; errors = @() }
try {
    switch ([string]$Patchdeck.part) {
        'echo' {
            $answer.found = Get-PatchdeckEcho
        }
        'system' {
            $answer.found = Get-PatchdeckSystem
        }
        'services' {
            $answer.found = @(Get-PatchdeckServices)
        }
        'registry' {
            $answer.found = @(Get-PatchdeckRegistry)
        }
        'probes' {
            $answer.found = @(Get-PatchdeckProbes)
        }
        'search' {
            $answer.found = Get-PatchdeckSearch
        }
        'history' {
            $answer.found = Get-PatchdeckHistory
        }
        'winrm' {
            $answer.found = Get-PatchdeckWinrm
        }
        'tasks' {
            $answer.found = Get-PatchdeckTasks
        }
        'names' {
            $answer.found = Get-PatchdeckNames
        }
        default {
            throw 'There is no such part.'
        }
    }
} catch {
    $answer.ok = $false
    Add-PatchdeckError ([string]$Patchdeck.part) $_
}
$answer.errors = @($errors)
$answer.elapsed_ms = $clock.ElapsedMilliseconds
Write-PatchdeckAnswer $answer
