"""Messages to people: the channels that carry them, how they are delivered, and what is said of deployments."""
