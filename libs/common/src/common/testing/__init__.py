"""What tests of several parts share: servers that are real, and a service at work."""
