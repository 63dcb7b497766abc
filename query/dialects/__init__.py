"""The same question in the SQL of another engine: portable forms built on purpose, or a refusal."""
