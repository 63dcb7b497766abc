"""Acts on Windows machines that are no deployment: settings of the update client, and raw dumps of what they say."""
