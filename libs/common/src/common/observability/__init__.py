"""What an operator may see of a running service: logs, metrics and traces, none of which holds a person's data."""
