"""Pages for residents: find or refuse, read the form, call one service, render."""
