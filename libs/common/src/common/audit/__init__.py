"""The audit: the rows of acts, the chain of seals over them, and its heads outside the database."""
