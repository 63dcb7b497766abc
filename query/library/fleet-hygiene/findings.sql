-- title: Findings by kind
-- group: Fleet hygiene
-- help: What the last assessments noticed on machines, the gravest first.
-- column: MachineNames: the machines, at most 20 of them
-- column: Example: what was noticed on the first of them
WITH found AS (
    SELECT
        Computer,
        unnest(from_json(Findings, '[{"kind": "VARCHAR", "severity": "VARCHAR", "text": "VARCHAR"}]')) AS finding
    FROM Machine
    WHERE Enabled
)
SELECT
    finding.kind AS Kind,
    finding.severity AS Severity,
    count(DISTINCT Computer) AS Machines,
    array_to_string(list_sort(list(DISTINCT Computer))[:20], ', ') AS MachineNames,
    arg_min(finding.text, (Computer, finding.text)) AS Example
FROM found
GROUP BY finding.kind, finding.severity
ORDER BY list_position(['error', 'warning', 'info'], Severity), Machines DESC, Kind
