"""The reporting year (年度申报): until when placements of a year may be reported (A69)."""
