"""Pages about the installation itself: is it well, and which mails did it write."""
