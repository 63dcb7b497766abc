"""The app's keys as config.toml may change them, without the app: what there is, what a file says, what of it fits."""
