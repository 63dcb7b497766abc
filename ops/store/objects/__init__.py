"""Tables in object storage: which URL, by whose credentials, and whose they are."""
