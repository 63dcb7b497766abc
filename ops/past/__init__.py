"""The fleet as it was at an earlier instant: what the record tables, the audit and the runs' own records still tell."""
