"""Backup and restore: one file with everything that a city would miss, and the way back from it.

`making` takes the database as it is at one moment and the files that it names, `restoring` brings them back
and erases again what was erased since. The keys are kept apart: see `keys`.
"""
