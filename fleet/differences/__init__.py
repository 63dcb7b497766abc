"""Two pictures of a fleet, of two instants, and how they differ; pure, and free of words."""
