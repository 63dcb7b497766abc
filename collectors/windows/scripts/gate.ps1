# Whether ports accept a connection: tried at the addresses where something listens.

function Get-PortTrouble($port) {
    $properties = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
    $points = @($properties.GetActiveTcpListeners() | Where-Object { $_.Port -eq $port })
    if ($points.Count -eq 0) { return 'nothing listens there' }
    foreach ($point in $points) {
        $address = $point.Address
        if ($address.Equals([System.Net.IPAddress]::Any)) { $address = [System.Net.IPAddress]::Loopback }
        if ($address.Equals([System.Net.IPAddress]::IPv6Any)) { $address = [System.Net.IPAddress]::IPv6Loopback }
        $client = New-Object -TypeName System.Net.Sockets.TcpClient -ArgumentList @($address.AddressFamily)
        try {
            $waited = $client.BeginConnect($address, $port, $null, $null)
            if ($waited.AsyncWaitHandle.WaitOne(5000) -and $client.Connected) { return '' }
        } catch {
            continue
        } finally {
            $client.Close()
        }
    }
    return 'it listens, but accepts no connection'
}

$ports = @()
foreach ($port in @($Patchdeck.ports)) {
    $ports += @{ port = [int]$port; message = [string](Get-PortTrouble ([int]$port)) }
}
Write-PatchdeckAnswer @{ schema = 1; ports = $ports }
