"""Live arrival: server-sent events that carry keys, never text."""
