"""Intake: invitations, ideas, problem reports, evidence. Knows nothing of scoring."""
