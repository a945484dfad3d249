"""Credentials that take more than a header written once."""
