"""What a dossier was owed on any past day: by what was known then, or by what is known now."""
