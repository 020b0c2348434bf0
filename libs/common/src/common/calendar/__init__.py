"""Days, months, periods and working days of the city, and the service's own business day."""
