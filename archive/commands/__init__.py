"""The commands of `python -m archive`, one file a group."""
