"""The policy: facts in, grounds and schemes, stacking, and what is due. Pure: no clock, no database, no framework."""
