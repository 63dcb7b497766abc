"""The audit for people: who acts, listing and searching, verifying, masking."""
