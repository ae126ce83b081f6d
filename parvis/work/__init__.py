"""Where people work together."""
