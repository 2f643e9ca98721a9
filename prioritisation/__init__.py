"""The funnel: programmes, assessment, results, plans. May use `engagement`, which never looks back."""

__version__ = "0.1.0"
