"""The kernel: people, items, one rule of visibility, one log."""
