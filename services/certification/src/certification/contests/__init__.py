"""Contests of skills (技能竞赛): planned, held with their results by occupation, or cancelled (article 10)."""
