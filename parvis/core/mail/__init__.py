"""Outgoing mail and signed addresses."""
