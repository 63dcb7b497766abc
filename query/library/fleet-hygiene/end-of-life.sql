-- title: Systems at the end of their life
-- group: Fleet hygiene
-- help: Machines whose system gets no security updates for everybody any more, or soon, and those of which it is not
-- help: known.
-- param: days int = 90: how far ahead
-- column: Support: ended, ends soon or unknown
-- column: EndOfLife: last day with security updates for everybody
-- column: DaysLeft [days]: until that day, negative after it
-- column: EndOfLifeSource: who says so
WITH ends AS (
    SELECT
        Computer,
        OSFullName,
        try_cast(EndOfLife AS DATE) AS EndOfLife,
        EndOfLifeSource,
        LastAnswered
    FROM Machine
    WHERE Enabled
        AND InScope IS NOT FALSE
        AND LastAnswered IS NOT NULL
        AND coalesce(EndOfLifeSource, '') NOT LIKE 'rolling%'
)
SELECT
    Computer,
    OSFullName,
    CASE
        WHEN EndOfLife IS NULL THEN 'unknown'
        WHEN EndOfLife < CAST(now() AS DATE) THEN 'ended'
        ELSE 'ends soon'
    END AS Support,
    EndOfLife,
    date_diff('day', CAST(now() AS DATE), EndOfLife) AS DaysLeft,
    EndOfLifeSource,
    LastAnswered
FROM ends
WHERE EndOfLife IS NULL
    OR EndOfLife <= CAST(now() AS DATE) + CAST($days AS INTEGER)
ORDER BY EndOfLife NULLS LAST, Computer
