# A first word: who is logged in here, with which rights, and what this machine is. Nothing is changed.
$identity = [Security.Principal.WindowsIdentity]::GetCurrent()
$principal = New-Object Security.Principal.WindowsPrincipal($identity)
$version = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$caption = ''
try {
    $caption = [string](Get-CimInstance -OperationTimeoutSec 5 -ClassName Win32_OperatingSystem).Caption
} catch { $caption = '' }
if (-not $caption) { $caption = [string][Microsoft.Win32.Registry]::GetValue($version, 'ProductName', '') }
Write-PatchdeckAnswer @{
    schema = 1
    user = [string]$identity.Name
    host = [Environment]::MachineName
    caption = $caption
    version = [string][Environment]::OSVersion.Version.ToString(3)
    revision = [string][Microsoft.Win32.Registry]::GetValue($version, 'UBR', '')
    powershell = [string]$PSVersionTable.PSVersion
    is_admin = $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}
