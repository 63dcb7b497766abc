# Values of the registry with their types, as a 64 bit process sees them, and errors as they are told.
$errors = New-Object System.Collections.ArrayList
$hive = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::LocalMachine, [Microsoft.Win32.RegistryView]::Registry64)

function Add-PatchdeckError($stage, $record) {
    $base = $record.Exception.GetBaseException()
    [void]$errors.Add(@{ stage = $stage; hresult = (Format-PatchdeckResult $base.HResult); message = [string]$base.Message })
}

# What a value holds with its type; nothing where it is not there.
function Read-PatchdeckValue($path, $name) {
    $key = $hive.OpenSubKey($path)
    if ($null -eq $key) { return $null }
    try {
        if (@($key.GetValueNames() | Where-Object { $_ -eq $name }).Count -eq 0) { return $null }
        $kind = [string]$key.GetValueKind($name)
        $data = $key.GetValue($name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
        if ($kind -eq 'DWord') { return @{ kind = 'dword'; number = ([int64]$data -band 4294967295) } }
        if ($kind -eq 'String') { return @{ kind = 'string'; text = [string]$data } }
        if ($kind -eq 'ExpandString') { return @{ kind = 'expand-string'; text = [string]$data } }
        return @{ kind = 'other'; text = $kind }
    } finally {
        $key.Close()
    }
}
