"""Communities: a group plus the item that says that it exists."""
