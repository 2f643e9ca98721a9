"""Public pages of the funnel: the way in, plans, initiatives."""
