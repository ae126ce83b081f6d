"""Bytes by their SHA-256, and the documents that name them."""
