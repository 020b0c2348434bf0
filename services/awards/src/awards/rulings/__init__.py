"""Rulings (人工裁定): what people found or decided, read by the rules as a fact, so that no reconciliation undoes it."""
