"""The numbers of Windows Update that are known here, with names of wuerror.h and winerror.h. Asked by `results`."""

from collections.abc import Mapping

from collectors.windows.result_kinds import ResultClass, WindowsResult

_AS_SYSTEM = "Give the login administrator's rights on the machine; see LocalAccountTokenFilterPolicy."
_NETWORK = (
    "See that the machine reaches its update server: name resolution, proxy (netsh winhttp show proxy), firewall."
)
_LATER = "The server's trouble; assess again later."
_WSUS = "See the address in the policy WUServer, and what the server says to this machine."
_SERVICE = "Set the start type of wuauserv to Manual, and start it: sc.exe config wuauserv start= demand."
_POLICY = "A policy forbids it: see DisableWindowsUpdateAccess and DoNotConnectToWindowsUpdateInternetLocations."
_WAIT = "Wait for the other installation, or reboot the machine, and assess it again."
_AGAIN = "Assess the machine again: what is offered has changed."
_PERSON = "Install it by hand, logged in on the machine."
_CBS = "See C:\\Windows\\Logs\\CBS\\CBS.log; DISM /Online /Cleanup-Image /RestoreHealth repairs the component store."
_STORE = "See that BITS runs; an administrator may rename C:\\Windows\\SoftwareDistribution while wuauserv is stopped."

_LISTED = (
    ("0x80070005", "E_ACCESSDENIED", "access is denied", ResultClass.REFUSED, _AS_SYSTEM),
    (
        "0x8024402C",
        "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED",
        "the update server's name is not found",
        ResultClass.NETWORK,
        _NETWORK,
    ),
    ("0x80072EE2", "ERROR_INTERNET_TIMEOUT", "the update server did not answer in time", ResultClass.NETWORK, _NETWORK),
    (
        "0x80072EE7",
        "ERROR_INTERNET_NAME_NOT_RESOLVED",
        "the update server's name is not found",
        ResultClass.NETWORK,
        _NETWORK,
    ),
    (
        "0x80072EFD",
        "ERROR_INTERNET_CANNOT_CONNECT",
        "the update server takes no connection",
        ResultClass.NETWORK,
        _NETWORK,
    ),
    (
        "0x80072EFE",
        "ERROR_INTERNET_CONNECTION_ABORTED",
        "the connection to the update server broke",
        ResultClass.NETWORK,
        _NETWORK,
    ),
    (
        "0x80072F8F",
        "ERROR_INTERNET_DECODING_FAILED",
        "the update server's certificate is not accepted",
        ResultClass.NETWORK,
        "See the machine's clock, and whether it trusts who issued the certificate.",
    ),
    ("0x80240438", "WU_E_PT_ENDPOINT_UNREACHABLE", "the update server cannot be reached", ResultClass.SERVER, _LATER),
    (
        "0x8024401C",
        "WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT",
        "the update server gave up waiting (HTTP 408)",
        ResultClass.SERVER,
        _LATER,
    ),
    (
        "0x8024401F",
        "WU_E_PT_HTTP_STATUS_SERVER_ERROR",
        "the update server failed (HTTP 500)",
        ResultClass.SERVER,
        _LATER,
    ),
    (
        "0x80244022",
        "WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL",
        "the update server is overloaded (HTTP 503)",
        ResultClass.SERVER,
        _LATER,
    ),
    (
        "0x80244010",
        "WU_E_PT_EXCEEDED_MAX_SERVER_TRIPS",
        "the search took more trips to the server than one may make",
        ResultClass.ASK_AGAIN,
        "Assess it again: each search comes further. On the server, decline superseded updates.",
    ),
    (
        "0x80244017",
        "WU_E_PT_HTTP_STATUS_DENIED",
        "the update server wants a login (HTTP 401)",
        ResultClass.CONFIGURATION,
        _WSUS,
    ),
    (
        "0x80244018",
        "WU_E_PT_HTTP_STATUS_FORBIDDEN",
        "the update server or a proxy refuses this machine (HTTP 403)",
        ResultClass.CONFIGURATION,
        _WSUS,
    ),
    (
        "0x80244019",
        "WU_E_PT_HTTP_STATUS_NOT_FOUND",
        "there is no update server at that address (HTTP 404)",
        ResultClass.CONFIGURATION,
        _WSUS,
    ),
    ("0x80240001", "WU_E_NO_SERVICE", "the Windows Update service cannot be asked", ResultClass.SERVICE, _SERVICE),
    ("0x8024A000", "WU_E_AU_NOSERVICE", "automatic updates cannot be asked", ResultClass.SERVICE, _SERVICE),
    ("0x80070422", "ERROR_SERVICE_DISABLED", "the Windows Update service is disabled", ResultClass.SERVICE, _SERVICE),
    (
        "0x8024002E",
        "WU_E_WU_DISABLED",
        "access to an update server that nobody manages is not allowed",
        ResultClass.POLICY,
        _POLICY,
    ),
    (
        "0x80240025",
        "WU_E_USER_ACCESS_DISABLED",
        "a policy keeps users from Windows Update",
        ResultClass.POLICY,
        _POLICY,
    ),
    (
        "0x8024500C",
        "WU_E_REDIRECTOR_CONNECT_POLICY",
        "a policy forbids connections to Windows Update",
        ResultClass.POLICY,
        _POLICY,
    ),
    (
        "0x80240009",
        "WU_E_OPERATIONINPROGRESS",
        "another operation of the agent is in progress",
        ResultClass.BUSY,
        _WAIT,
    ),
    (
        "0x80240016",
        "WU_E_INSTALL_NOT_ALLOWED",
        "another installation runs, or a reboot is pending",
        ResultClass.BUSY,
        _WAIT,
    ),
    (
        "0x8024001E",
        "WU_E_SERVICE_STOP",
        "the agent's service was stopped, or the machine shuts down",
        ResultClass.REBOOTING,
        "Wait until it is back, and assess it again.",
    ),
    (
        "0x8007045B",
        "ERROR_SHUTDOWN_IN_PROGRESS",
        "the machine shuts down",
        ResultClass.REBOOTING,
        "Wait until it is back, and assess it again.",
    ),
    (
        "0x8024004A",
        "WU_E_INSTALL_WITH_OS_SETUP",
        "Windows itself is being set up",
        ResultClass.BUSY,
        "Wait until that has ended, and assess it again.",
    ),
    (
        "0x80240022",
        "WU_E_ALL_UPDATES_FAILED",
        "every update failed",
        ResultClass.SEE_UPDATES,
        "See the number of each update.",
    ),
    (
        "0x80240017",
        "WU_E_NOT_APPLICABLE",
        "the update does not apply to this machine",
        ResultClass.ASSESS_AGAIN,
        _AGAIN,
    ),
    ("0x80240024", "WU_E_NO_UPDATE", "there is no such update", ResultClass.ASSESS_AGAIN, _AGAIN),
    ("0x80240020", "WU_E_NO_INTERACTIVE_USER", "somebody must be logged in for it", ResultClass.NEEDS_PERSON, _PERSON),
    ("0x8024200A", "WU_E_UH_CANREQUIREUSERINPUT", "it may ask questions", ResultClass.NEEDS_PERSON, _PERSON),
    (
        "0x80240023",
        "WU_E_EULA_DECLINED",
        "its licence is not accepted",
        ResultClass.LICENCE,
        "Accept licences in the deployment, if you do.",
    ),
    (
        "0x80240033",
        "WU_E_EULA_UNAVAILABLE",
        "its licence cannot be fetched",
        ResultClass.LICENCE,
        "Assess it again; on WSUS, download the update's files anew.",
    ),
    (
        "0x80240032",
        "WU_E_INVALID_CRITERIA",
        "the agent does not understand the search",
        ResultClass.REBOOTING,
        "Seen on machines that must be rebooted: reboot it, and assess it again.",
    ),
    (
        "0x8024200B",
        "WU_E_UH_INSTALLERFAILURE",
        "its installer failed",
        ResultClass.INSTALLER,
        "See the update's own log, and whether it is for .NET, Defender or a full recovery partition.",
    ),
    (
        "0x80070643",
        "ERROR_INSTALL_FAILURE",
        "its installer failed",
        ResultClass.INSTALLER,
        "Often .NET, Defender, or a recovery partition that is too small: see the update's own log.",
    ),
    (
        "0x80242014",
        "WU_E_UH_POSTREBOOTSTILLPENDING",
        "what follows its reboot is still to be done",
        ResultClass.SERVICING,
        "Wait, and assess it again.",
    ),
    (
        "0x80242016",
        "WU_E_UH_POSTREBOOTUNEXPECTEDSTATE",
        "it was not as expected after its reboot",
        ResultClass.SERVICING,
        "Wait, assess it again, and see C:\\Windows\\Logs\\CBS\\CBS.log.",
    ),
    ("0x80246007", "WU_E_DM_NOTDOWNLOADED", "it is not downloaded", ResultClass.DOWNLOAD, _STORE),
    (
        "0x80246008",
        "WU_E_DM_FAILTOCONNECTTOBITS",
        "the service that downloads cannot be asked",
        ResultClass.DOWNLOAD,
        _STORE,
    ),
    ("0x80248007", "WU_E_DS_NODATA", "the agent's store lacks what it should have", ResultClass.DOWNLOAD, _STORE),
    ("0x800F0922", "CBS_E_INSTALLERS_FAILED", "Windows could not be serviced", ResultClass.SYSTEM, _CBS),
    ("0x800F081F", "CBS_E_SOURCE_MISSING", "Windows lacks files that the update needs", ResultClass.SYSTEM, _CBS),
    ("0x80073712", "ERROR_SXS_COMPONENT_STORE_CORRUPT", "the component store is damaged", ResultClass.SYSTEM, _CBS),
    ("0x80070070", "ERROR_DISK_FULL", "the disk is full", ResultClass.SYSTEM, "Free space on the system drive."),
)
RESULTS: Mapping[str, WindowsResult] = {row[0]: WindowsResult(*row) for row in _LISTED}
