"""Open311 (GeoReport v2) for other programs: problem reports and their services, in JSON and XML."""
