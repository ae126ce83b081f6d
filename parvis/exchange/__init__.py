"""What comes in from elsewhere and goes out: imports, connectors, the API."""
