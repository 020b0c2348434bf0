"""Recognitions (认定): what the city recognises an organisation as, its acceptance and its yearly assessments."""
