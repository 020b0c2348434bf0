"""Certificates: issued, corrected, revoked; imported from an appraisal body's file."""
