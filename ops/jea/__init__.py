"""The endpoint of Just Enough Administration (JEA) for machines with Windows: what sudoers lines are elsewhere."""
