-- title: Longest installations
-- group: Deployment history
-- help: How long updates took to install, those with the longest median first: what a window must have room for. An
-- help: update that was installed in one transaction with others has the time of the transaction.
-- param: days int = 90: how far back
-- param: installations int = 3: installed at least so often
-- column: Installations: succeeded installations whose beginning and end are known
-- column: MedianSeconds [seconds]: half of them took no longer
-- column: P95Seconds [seconds]: 95 of 100 took no longer
-- column: LongestSeconds [seconds]: the one that took longest
-- column: LongestOn: the machine on which it did
SELECT
    Product,
    OSType,
    count(*) AS Installations,
    count(DISTINCT SourceComputerId) AS Machines,
    round(median(epoch(EndTime - StartTime)), 1) AS MedianSeconds,
    round(round(quantile_cont(epoch(EndTime - StartTime), 0.95), 6), 1) AS P95Seconds,
    round(max(epoch(EndTime - StartTime)), 1) AS LongestSeconds,
    arg_max(Computer, (EndTime - StartTime, Computer)) AS LongestOn
FROM UpdateRunProgress
WHERE TimeGenerated >= now() - to_days($days)
    AND InstallationStatus = 'Succeeded'
    AND EndTime >= StartTime
GROUP BY Product, OSType
HAVING count(*) >= $installations
ORDER BY MedianSeconds DESC, Product, OSType
