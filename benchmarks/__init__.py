"""Measurements that anyone can repeat: each script answers one question and prints a table."""
