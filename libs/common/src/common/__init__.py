"""The shared ground of the services. Entry rule: several services use it, and it knows no domain word but identifiers and calendars."""
