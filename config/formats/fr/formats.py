"""Hours as people write them: "15 avril 2025 à 12 h 00", not "15 avril 2025 12:00". No space breaks."""

TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = f"j F Y \\à {TIME_FORMAT}"
