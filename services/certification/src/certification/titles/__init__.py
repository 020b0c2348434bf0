"""Titles of skill (技术能手、技能状元 …): awarded by a paper, perhaps corrected, perhaps withdrawn (articles 10, 11 and 14)."""
