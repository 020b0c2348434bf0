"""Placements (输送): a partner placed a person with an employer; reported, confirmed, corrected, cancelled."""
