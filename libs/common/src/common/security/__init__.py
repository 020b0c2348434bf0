"""Who is calling, what he may do, and how personal data is kept: tokens, access, encryption."""
