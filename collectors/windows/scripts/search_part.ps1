# Asks the Windows Update agent what is missing and what is installed, as whoever runs this.

# What is asked of a COM object may fail for one property of one update: that one is then null.
function Read-PatchdeckPart([scriptblock]$read) {
    try { return & $read } catch { return }
}

function Format-PatchdeckTime($time) {
    if ($time -isnot [datetime] -or $time.Year -lt 1990) { return }
    if ($time.Kind -eq [DateTimeKind]::Local) { $time = $time.ToUniversalTime() }
    return $time.ToString('s') + 'Z'
}

function New-PatchdeckError($stage, $record) {
    $cause = $record.Exception.GetBaseException()
    return @{
        stage = $stage
        hresult = (Format-PatchdeckResult $cause.HResult)
        message = [string]$cause.Message
        line = [int]$record.InvocationInfo.ScriptLineNumber
    }
}

function Read-PatchdeckArticles($update) {
    foreach ($article in $update.KBArticleIDs) { [string]$article }
}

function Read-PatchdeckCategories($update) {
    foreach ($category in $update.Categories) {
        @{
            id = [string]$category.CategoryID
            name = [string]$category.Name
            type = [string]$category.Type
        }
    }
}

function Read-PatchdeckBundled($update) {
    foreach ($inner in $update.BundledUpdates) {
        @{
            id = [string]$inner.Identity.UpdateID
            kb = @(Read-PatchdeckPart { Read-PatchdeckArticles $inner })
        }
    }
}

# Those that $update takes the place of, among the ones that were found: all of them would be thousands.
function Read-PatchdeckSuperseded($update, $found) {
    foreach ($other in $update.SupersededUpdateIDs) {
        if ($found.ContainsKey([string]$other)) { [string]$other }
    }
}

function Read-PatchdeckUpdate($update, $found) {
    return @{
        id = (Read-PatchdeckPart { [string]$update.Identity.UpdateID })
        revision = (Read-PatchdeckPart { $update.Identity.RevisionNumber })
        title = (Read-PatchdeckPart { [string]$update.Title })
        kb = @(Read-PatchdeckPart { Read-PatchdeckArticles $update })
        cve = @(Read-PatchdeckPart { foreach ($number in $update.CveIDs) { [string]$number } })
        bulletins = @(Read-PatchdeckPart { foreach ($number in $update.SecurityBulletinIDs) { [string]$number } })
        severity = (Read-PatchdeckPart { $update.MsrcSeverity })
        categories = @(Read-PatchdeckPart { Read-PatchdeckCategories $update })
        type = (Read-PatchdeckPart { $update.Type })
        deployment_action = (Read-PatchdeckPart { $update.DeploymentAction })
        is_downloaded = (Read-PatchdeckPart { $update.IsDownloaded })
        is_hidden = (Read-PatchdeckPart { $update.IsHidden })
        is_mandatory = (Read-PatchdeckPart { $update.IsMandatory })
        is_present = (Read-PatchdeckPart { $update.IsPresent })
        browse_only = (Read-PatchdeckPart { $update.BrowseOnly })
        auto_select = (Read-PatchdeckPart { $update.AutoSelectOnWebSites })
        eula_accepted = (Read-PatchdeckPart { $update.EulaAccepted })
        reboot_behavior = (Read-PatchdeckPart { $update.InstallationBehavior.RebootBehavior })
        can_request_user_input = (Read-PatchdeckPart { $update.InstallationBehavior.CanRequestUserInput })
        requires_network = (Read-PatchdeckPart { $update.InstallationBehavior.RequiresNetworkConnectivity })
        impact = (Read-PatchdeckPart { $update.InstallationBehavior.Impact })
        max_download_bytes = (Read-PatchdeckPart { $update.MaxDownloadSize })
        min_download_bytes = (Read-PatchdeckPart { $update.MinDownloadSize })
        last_deployment_change_utc = (Read-PatchdeckPart { Format-PatchdeckTime $update.LastDeploymentChangeTime })
        deadline_utc = (Read-PatchdeckPart { Format-PatchdeckTime $update.Deadline })
        superseded = @(Read-PatchdeckPart { Read-PatchdeckSuperseded $update $found })
        bundled = @(Read-PatchdeckPart { Read-PatchdeckBundled $update })
        support_url = (Read-PatchdeckPart { [string]$update.SupportUrl })
    }
}

function Read-PatchdeckInstalled($update) {
    return @{
        id = (Read-PatchdeckPart { [string]$update.Identity.UpdateID })
        title = (Read-PatchdeckPart { [string]$update.Title })
        kb = @(Read-PatchdeckPart { Read-PatchdeckArticles $update })
        last_deployment_change_utc = (Read-PatchdeckPart { Format-PatchdeckTime $update.LastDeploymentChangeTime })
    }
}

function Read-PatchdeckHistory($searcher, $most) {
    $total = [int]$searcher.GetTotalHistoryCount()
    if ($total -lt 1) { return }
    foreach ($entry in $searcher.QueryHistory(0, [Math]::Min($total, $most))) {
        @{
            date_utc = (Read-PatchdeckPart { Format-PatchdeckTime $entry.Date })
            operation = (Read-PatchdeckPart { $entry.Operation })
            result_code = (Read-PatchdeckPart { $entry.ResultCode })
            hresult = (Read-PatchdeckPart { Format-PatchdeckResult $entry.HResult })
            title = (Read-PatchdeckPart { [string]$entry.Title })
            update_id = (Read-PatchdeckPart { [string]$entry.UpdateIdentity.UpdateID })
        }
    }
}

function Read-PatchdeckWarnings($result) {
    foreach ($warning in $result.Warnings) {
        @{
            hresult = (Read-PatchdeckPart { Format-PatchdeckResult $warning.HResult })
            context = (Read-PatchdeckPart { $warning.Context })
            message = (Read-PatchdeckPart { [string]$warning.Message })
        }
    }
}

# One search; the server of a big fleet may want it in several goes (0x80244010), each of which brings it further.
function Search-PatchdeckAgent($searcher, $criteria) {
    for ($try = 1; $true; $try++) {
        try { return $searcher.Search($criteria) } catch {
            $cause = $_.Exception.GetBaseException()
            $number = Format-PatchdeckResult $cause.HResult
            if ($number -ne '0x80244010' -or $try -ge 3) { throw }
        }
    }
}

function Find-PatchdeckInstalled($searcher, $found) {
    try {
        $searcher.Online = $false
        $result = Search-PatchdeckAgent $searcher 'IsInstalled=1'
        $found.installed = @(foreach ($update in $result.Updates) { Read-PatchdeckInstalled $update })
    } catch {
        $found.errors += New-PatchdeckError 'installed' $_
    }
}

function Set-PatchdeckResult($found, $searcher, $result, $clock) {
    $ids = @{}
    foreach ($update in $result.Updates) {
        $id = Read-PatchdeckPart { [string]$update.Identity.UpdateID }
        if ($id) { $ids[$id] = $true }
    }
    # Numbers are not cast: what is not there would be 0, which means something.
    $found.search = @{
        criteria = 'IsInstalled=0'
        server_selection = (Read-PatchdeckPart { $searcher.ServerSelection })
        service_id = (Read-PatchdeckPart { [string]$searcher.ServiceID })
        result_code = $result.ResultCode
        count = $result.Updates.Count
        warnings = @(Read-PatchdeckPart { Read-PatchdeckWarnings $result })
        online = [bool]$searcher.Online
        elapsed_ms = [int]$clock.ElapsedMilliseconds
    }
    $found.updates = @(foreach ($update in $result.Updates) { Read-PatchdeckUpdate $update $ids })
}

# What is missing, what is installed, and what happened. Where the server cannot be reached, what the agent still knows.
# A refusal (0x80070005) is for the caller to deal with.
function Find-PatchdeckUpdates($online, $most) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $found = @{
        search = $null
        updates = @()
        installed = $null
        history = @()
        reboot_required = $null
        wua_asked = $false
        errors = @()
    }
    $session = New-Object -ComObject Microsoft.Update.Session
    $session.ClientApplicationID = 'Patchdeck'
    $searcher = $session.CreateUpdateSearcher()
    $searcher.Online = [bool]$online
    try {
        $result = Search-PatchdeckAgent $searcher 'IsInstalled=0'
        Set-PatchdeckResult $found $searcher $result $clock
    } catch {
        $found.errors += New-PatchdeckError 'search' $_
        if ($found.errors[0].hresult -eq '0x80070005') { throw }
        try {
            $searcher.Online = $false
            $result = Search-PatchdeckAgent $searcher 'IsInstalled=0'
            Set-PatchdeckResult $found $searcher $result $clock
        } catch {
            $found.errors += New-PatchdeckError 'search_offline' $_
        }
    }
    try {
        $found.history = @(Read-PatchdeckHistory $searcher $most)
    } catch {
        $found.errors += New-PatchdeckError 'history' $_
    }
    Find-PatchdeckInstalled $searcher $found
    return $found
}
