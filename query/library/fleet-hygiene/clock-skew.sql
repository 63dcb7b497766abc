-- title: Clocks that are wrong
-- group: Fleet hygiene
-- help: Enabled machines whose clock differed from ours at their last answer, the farthest off first. A wrong clock
-- help: breaks certificates and signatures of repositories. Machines that never answered, or did not tell, are not
-- help: shown.
-- param: seconds int = 5: at least so far off
-- column: ClockSkewSeconds [seconds]: its clock minus ours, positive when it is ahead
SELECT
    Computer,
    OSType,
    ClockSkewSeconds,
    LastAnswered
FROM Machine
WHERE Enabled
    AND abs(ClockSkewSeconds) >= $seconds
ORDER BY abs(ClockSkewSeconds) DESC, Computer, SourceComputerId
