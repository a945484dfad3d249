"""Carrying out calls: one upstream request, or steps."""
