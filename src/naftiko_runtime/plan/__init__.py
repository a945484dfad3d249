"""The compiled capability: all that can be decided before the first call."""
