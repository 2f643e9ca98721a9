"""API v1: public ideas, read-only. docs: /api/docs."""
