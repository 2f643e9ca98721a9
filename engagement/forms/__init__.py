"""What residents fill in. A form reads and checks; services decide and write."""
