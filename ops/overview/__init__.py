"""What an administrator sees first: how compliant the fleet is, how that went, and what needs somebody now."""
