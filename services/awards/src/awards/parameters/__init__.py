"""Figures: their seed, their history in the database, and how they are proposed, previewed, decided and put in force."""
