# What a Windows machine runs to introduce itself, in PowerShell 5.1 or later with its OpenSSH client. `powershell_line`
# drops comments and joins the lines with spaces: so every line ends a statement or opens a block.
& {
$ErrorActionPreference = 'Stop';
$d = Join-Path $env:TEMP ('patchdeck-' + [guid]::NewGuid().ToString('N'));
[void](New-Item -ItemType Directory -Path $d);
try {
$me = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value;
# The client refuses a key that others can read.
[void](icacls $d /inheritance:r /grant:r ('*' + $me + ':(OI)(CI)F'));
$utf8 = New-Object Text.UTF8Encoding $false;
$pem = ('-----BEGIN OPENSSH PRIVATE KEY-----', '@KEY@', '-----END OPENSSH PRIVATE KEY-----', '') -join "`n";
[IO.File]::WriteAllText((Join-Path $d 'key'), $pem, $utf8);
$hosts = (@(@HOST_KEYS@) | ForEach-Object { 'console ' + $_ + "`n" }) -join '';
[IO.File]::WriteAllText((Join-Path $d 'hosts'), $hosts, $utf8);
$said = New-Object Collections.Generic.List[string];
$said.Add('@HEADING@');
$said.Add('proof @PROOF@');
$said.Add('name ' + $env:COMPUTERNAME.ToLowerInvariant());
try { $said.Add('fqdn ' + [Net.Dns]::GetHostEntry('').HostName) } catch { };
$said.Add('os Windows');
try { $o = Get-CimInstance Win32_OperatingSystem; $said.Add('system ' + $o.Caption + ' ' + $o.Version) } catch { };
try { $said.Add('machine-id ' + (Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Cryptography').MachineGuid.Replace('-', '')) } catch { };
try { $said.Add('system-uuid ' + (Get-CimInstance Win32_ComputerSystemProduct).UUID) } catch { };
$said.Add('user ' + $env:USERNAME);
$ssh = Join-Path $env:ProgramData 'ssh';
foreach ($k in @(Get-ChildItem (Join-Path $ssh 'ssh_host_*_key.pub') -ErrorAction SilentlyContinue)) {
$said.Add('key ' + ((([IO.File]::ReadAllText($k.FullName)).Trim() -split ' ')[0..1] -join ' ')) };
try { foreach ($m in @(Select-String -Path (Join-Path $ssh 'sshd_config') -Pattern '^\s*Port\s+(\d+)')) {
$said.Add('port ' + $m.Matches[0].Groups[1].Value) } } catch { };
# Who is no administrator may not see the listeners.
try { foreach ($w in @(Get-WSManInstance -ResourceURI winrm/config/listener -Enumerate)) { $f = '';
if ($w.CertificateThumbprint) { $c = Get-Item ('Cert:\LocalMachine\My\' + $w.CertificateThumbprint.Replace(' ', ''));
$f = ' SHA256:' + [BitConverter]::ToString((New-Object Security.Cryptography.SHA256CryptoServiceProvider).ComputeHash($c.RawData)).Replace('-', '') };
$said.Add('winrm ' + $w.Transport.ToLowerInvariant() + ' ' + $w.Port + $f) } } catch { };
try { foreach ($a in @(Get-NetIPAddress -AddressState Preferred | Select-Object -First 16)) {
$said.Add('address ' + $a.IPAddress) } } catch { };
foreach ($t in $args) { $said.Add('tag ' + $t) };
$said.Add('@ENDING@');
[IO.File]::WriteAllText((Join-Path $d 'introduction'), (($said -join "`n") + "`n"), $utf8);
Push-Location $d;
# cmd hands the file to the client to the byte; a pipe of PowerShell 5.1 would not.
try { cmd /c 'ssh -F none -T -a -x -i key -p @PORT@ -o IdentitiesOnly=yes -o PreferredAuthentications=publickey -o BatchMode=yes -o StrictHostKeyChecking=yes -o HostKeyAlias=console -o UserKnownHostsFile=hosts -o GlobalKnownHostsFile=none -o ConnectTimeout=20 -o ServerAliveInterval=10 -l @USER@ @HOST@ < introduction' }
finally { Pop-Location };
if ($LASTEXITCODE -ne 0) { Write-Error ('The machine was not introduced: ssh ended with ' + $LASTEXITCODE) }
} finally { Remove-Item -Recurse -Force $d } }
