"""Reports of a home: asked of its tables, written, scheduled and sent."""
