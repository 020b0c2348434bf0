"""The face of every service: acts and readings over REST, problems, pages, tokens of consistency, imports, the docs pages."""
