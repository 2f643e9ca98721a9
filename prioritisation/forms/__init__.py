"""Forms of the funnel: what staff type, read and checked before a service is called."""
