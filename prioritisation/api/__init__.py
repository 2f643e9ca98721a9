"""API v1: published plans, read-only, from the frozen document of the newest version."""
