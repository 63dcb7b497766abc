-- title: Update agents of Windows machines
-- group: Windows
-- help: How automatic updates are set on each enabled Windows machine, which agent it has, and how it is asked. Automatic
-- help: updates that are scheduled install, and may restart, beside every deployment.
-- param: setting string = '*': Disabled, Notify before installation, Scheduled installation, a pattern with * and ?
-- column: WindowsUpdateSetting: in Update Management's words; empty where it was never told
-- column: SearchWay: direct, or by a task of SYSTEM where the login may not search
-- column: LastSearched: when the agent last searched by itself
-- column: LastUpdateApplied: when an update was last installed
SELECT
    Computer,
    OSFullName,
    Kernel,
    coalesce(WindowsUpdateSetting, '') AS WindowsUpdateSetting,
    coalesce(WindowsUpdateAgentVersion, '') AS WindowsUpdateAgentVersion,
    coalesce(SearchWay, '') AS SearchWay,
    LastSearched,
    LastUpdateApplied
FROM Machine
WHERE Enabled
    AND OSType = 'Windows'
    AND coalesce(WindowsUpdateSetting, '') GLOB $setting
ORDER BY WindowsUpdateSetting, OSFullName, Computer
