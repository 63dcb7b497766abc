"""The domain of Patchdeck, pure: no I/O, no async, no clock. See docs/architecture.md."""
