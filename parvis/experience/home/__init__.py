"""Home: what is new for this person, and its end."""
