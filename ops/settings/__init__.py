"""The settings of a home looked at and changed one by one; what they are is declared in `ops.config`."""
