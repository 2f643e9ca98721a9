"""What 311 requests say: files of many cities in one form, and when, what and where in figures. Pure."""
