"""Participations: one person in one class, from enrolment to completion, and the institution's roster file."""
