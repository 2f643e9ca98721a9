"""Policies as data: the schema, and the sets of scoring rules that come with the product."""
