"""What a person meets: Home, live arrival, notifications."""
