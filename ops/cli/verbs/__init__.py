"""The verbs, one module each; a group of verbs is a package. Each has `add_to(app)`, named in `ops.cli.app`."""
