"""What must hold when things go wrong, or happen at once: order, kills."""
