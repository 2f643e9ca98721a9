"""Similar texts and reports near one another."""
