"""Why updates are not installed: what is known is gathered from the home, and `fleet.reasons` judges it."""
