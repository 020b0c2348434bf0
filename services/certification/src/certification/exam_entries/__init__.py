"""Exam entries (鉴定报名): who is entered for which sitting, by which school, at what fee (article 5)."""
