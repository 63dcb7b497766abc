"""The screens. Every action calls a function of ops or query that the command line has too."""
