"""Rows of training data: reading them, likeness, secrets, lengths."""
