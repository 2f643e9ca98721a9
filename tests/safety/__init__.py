"""What Winnow withstands: docs/threat-model.md names these tests."""
