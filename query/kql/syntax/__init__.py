"""The grammar of KQL, part by part. Every function takes the tokens at a `Cursor` and leaves it behind what it read."""
