"""Four eyes: giving and withdrawing approvals of plans, and what a run has of them."""
