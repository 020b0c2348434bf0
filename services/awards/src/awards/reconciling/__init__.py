"""Due − held: load what is known of some dossiers, decide, store the grounds, write what changed."""
