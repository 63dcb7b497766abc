"""What a shell completes: the words that may stand next in a command line of `patchdeck`."""
