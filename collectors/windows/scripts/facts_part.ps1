# What a machine is, how its updates are set up and whether it waits for a reboot: registry, services, CIM. Each part is
# read in its own try, and what cannot be read is null.

$PatchdeckWindows = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion'
$PatchdeckVersion = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$PatchdeckPolicy = 'HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate'
$PatchdeckSettings = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings'
$PatchdeckNet = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full'
$PatchdeckServicing = $PatchdeckWindows + '\Component Based Servicing'
$PatchdeckControl = 'HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control'

function Read-PatchdeckValue($key, $name) {
    try { return [Microsoft.Win32.Registry]::GetValue($key, $name, $null) } catch { return }
}

function Read-PatchdeckNumber($key, $name) {
    $value = Read-PatchdeckValue $key $name
    if ($null -eq $value) { return }
    try { return [int64]$value } catch { return }
}

function Read-PatchdeckText($key, $name) {
    return [string](Read-PatchdeckValue $key $name)
}

# An address without the login that somebody may have put into it, which has no business in any answer.
function Read-PatchdeckAddress($key, $name) {
    return ((Read-PatchdeckText $key $name) -replace '^([A-Za-z]+://)?.*@', '$1')
}

function Test-PatchdeckKey($key) {
    return (Test-Path -LiteralPath ('Registry::' + $key))
}

function Get-PatchdeckAddresses() {
    foreach ($card in [Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
        if ([string]$card.OperationalStatus -ne 'Up' -or [string]$card.NetworkInterfaceType -eq 'Loopback') { continue }
        foreach ($each in $card.GetIPProperties().UnicastAddresses) { [string]$each.Address }
    }
}

function Get-PatchdeckComputer() {
    $system = Read-PatchdeckPart { Get-CimInstance -OperationTimeoutSec 20 -ClassName Win32_OperatingSystem }
    $computer = Read-PatchdeckPart { Get-CimInstance -OperationTimeoutSec 20 -ClassName Win32_ComputerSystem }
    $product = Read-PatchdeckPart { Get-CimInstance -OperationTimeoutSec 20 -ClassName Win32_ComputerSystemProduct }
    $network = Read-PatchdeckPart { [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties() }
    $drive = Read-PatchdeckPart { New-Object System.IO.DriveInfo($env:SystemDrive) }
    $number = Read-PatchdeckText $PatchdeckVersion 'CurrentBuild'
    $caption = [string]$system.Caption
    if (-not $caption) { $caption = Read-PatchdeckText $PatchdeckVersion 'ProductName' }
    $display = Read-PatchdeckText $PatchdeckVersion 'DisplayVersion'
    if (-not $display) { $display = Read-PatchdeckText $PatchdeckVersion 'ReleaseId' }
    $version = [string]$system.Version
    if (-not $version) { $version = [string][Environment]::OSVersion.Version.ToString(3) }
    return @{
        name = [Environment]::MachineName
        fqdn = (([string]$network.HostName) + '.' + ([string]$network.DomainName)).Trim('.')
        domain = [string]$computer.Domain
        is_in_domain = $computer.PartOfDomain
        caption = $caption
        version = $version
        build = $number + '.' + [string](Read-PatchdeckNumber $PatchdeckVersion 'UBR')
        display_version = $display
        edition = (Read-PatchdeckText $PatchdeckVersion 'EditionID')
        installation_type = (Read-PatchdeckText $PatchdeckVersion 'InstallationType')
        product_type = $system.ProductType
        language = [Globalization.CultureInfo]::InstalledUICulture.Name
        last_boot_utc = (Format-PatchdeckTime $system.LastBootUpTime)
        powershell = [string]$PSVersionTable.PSVersion
        language_mode = [string]$ExecutionContext.SessionState.LanguageMode
        architecture = [string]$env:PROCESSOR_ARCHITECTURE
        machine_guid = (Read-PatchdeckText 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography' 'MachineGuid')
        system_uuid = [string]$product.UUID
        net_release = (Read-PatchdeckNumber $PatchdeckNet 'Release')
        addresses = @(Read-PatchdeckPart { Get-PatchdeckAddresses })
        system_drive = [string]$env:SystemDrive
        free_bytes = (Read-PatchdeckPart { $drive.AvailableFreeSpace })
        total_bytes = (Read-PatchdeckPart { $drive.TotalSize })
    }
}

function Get-PatchdeckServices() {
    foreach ($name in @('wuauserv', 'BITS', 'TrustedInstaller', 'CryptSvc', 'UsoSvc')) {
        $service = Read-PatchdeckPart { Get-Service -Name $name }
        if ($null -ne $service) {
            @{
                name = $name
                state = [string]$service.Status
                start_type = [string]$service.StartType
            }
        }
    }
}

function Get-PatchdeckAgent() {
    $file = Read-PatchdeckPart {
        [Diagnostics.FileVersionInfo]::GetVersionInfo([IO.Path]::Combine([Environment]::SystemDirectory, 'wuapi.dll'))
    }
    $past = Read-PatchdeckPart { (New-Object -ComObject Microsoft.Update.AutoUpdate).Results }
    $version = ''
    if ($null -ne $file) {
        $parts = @($file.FileMajorPart, $file.FileMinorPart, $file.FileBuildPart, $file.FilePrivatePart)
        $version = [string]::Join('.', $parts)
    }
    return @{
        wuapi_version = $version
        services = @(Get-PatchdeckServices)
        last_search_utc = (Read-PatchdeckPart { Format-PatchdeckTime $past.LastSearchSuccessDate })
        last_install_utc = (Read-PatchdeckPart { Format-PatchdeckTime $past.LastInstallationSuccessDate })
        servicing_in_progress = (Read-PatchdeckNumber ($PatchdeckServicing + '\Interface') 'ServicingInProgress')
    }
}

# Texts in the registry; what is no time is left to the reader, who takes it for none.
function Read-PatchdeckPause($name) {
    return (Read-PatchdeckText $PatchdeckSettings $name)
}

function Get-PatchdeckSource() {
    $auto = $PatchdeckPolicy + '\AU'
    $services = Read-PatchdeckPart { (New-Object -ComObject Microsoft.Update.ServiceManager).Services }
    $used = Read-PatchdeckPart { foreach ($service in $services) { if ($service.IsDefaultAUService) { $service } } }
    $used = @($used)[0]
    return @{
        wu_server = (Read-PatchdeckAddress $PatchdeckPolicy 'WUServer')
        wu_status_server = (Read-PatchdeckAddress $PatchdeckPolicy 'WUStatusServer')
        use_wu_server = (Read-PatchdeckNumber $auto 'UseWUServer')
        target_group = (Read-PatchdeckText $PatchdeckPolicy 'TargetGroup')
        disable_access = (Read-PatchdeckNumber $PatchdeckPolicy 'DisableWindowsUpdateAccess')
        no_internet_locations = (Read-PatchdeckNumber $PatchdeckPolicy 'DoNotConnectToWindowsUpdateInternetLocations')
        exclude_drivers = (Read-PatchdeckNumber $PatchdeckPolicy 'ExcludeWUDriversInQualityUpdate')
        defer_quality_days = (Read-PatchdeckNumber $PatchdeckPolicy 'DeferQualityUpdatesPeriodInDays')
        defer_feature_days = (Read-PatchdeckNumber $PatchdeckPolicy 'DeferFeatureUpdatesPeriodInDays')
        pause_quality_until_utc = (Read-PatchdeckPause 'PauseQualityUpdatesEndTime')
        pause_feature_until_utc = (Read-PatchdeckPause 'PauseFeatureUpdatesEndTime')
        target_release = (Read-PatchdeckText $PatchdeckPolicy 'TargetReleaseVersionInfo')
        au_options = (Read-PatchdeckNumber $auto 'AUOptions')
        own_au_options = (Read-PatchdeckNumber ($PatchdeckWindows + '\WindowsUpdate\Auto Update') 'AUOptions')
        no_auto_update = (Read-PatchdeckNumber $auto 'NoAutoUpdate')
        scheduled_install_day = (Read-PatchdeckNumber $auto 'ScheduledInstallDay')
        scheduled_install_time = (Read-PatchdeckNumber $auto 'ScheduledInstallTime')
        always_auto_reboot = (Read-PatchdeckNumber $auto 'AlwaysAutoRebootAtScheduledTime')
        no_auto_reboot_with_users = (Read-PatchdeckNumber $auto 'NoAutoRebootWithLoggedOnUsers')
        active_hours_start = (Read-PatchdeckNumber $PatchdeckSettings 'ActiveHoursStart')
        active_hours_end = (Read-PatchdeckNumber $PatchdeckSettings 'ActiveHoursEnd')
        service_id = [string](Read-PatchdeckPart { $used.ServiceID })
        service_name = [string](Read-PatchdeckPart { $used.Name })
    }
}

function Get-PatchdeckReboot() {
    $reasons = @()
    $updates = $PatchdeckWindows + '\WindowsUpdate\Auto Update'
    if (Test-PatchdeckKey ($updates + '\RebootRequired')) { $reasons += 'windows_update' }
    if (Test-PatchdeckKey ($PatchdeckServicing + '\RebootPending')) { $reasons += 'cbs' }
    if (Test-PatchdeckKey ($PatchdeckServicing + '\PackagesPending')) { $reasons += 'cbs_packages' }
    $names = $PatchdeckControl + '\ComputerName'
    $now = Read-PatchdeckText ($names + '\ActiveComputerName') 'ComputerName'
    if ($now -and $now -ne (Read-PatchdeckText ($names + '\ComputerName') 'ComputerName')) { $reasons += 'rename' }
    $required = ($reasons.Count -gt 0)
    $renames = @(Read-PatchdeckValue ($PatchdeckControl + '\Session Manager') 'PendingFileRenameOperations')
    if (@($renames | Where-Object { $_ }).Count -gt 0) { $reasons += 'file_rename' }
    return @{
        required = $required
        reasons = @($reasons)
        wua_asked = $false
    }
}
