"""Measured claims, each a command that prints a table: see README.md."""
