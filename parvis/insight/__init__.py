"""What is learned and found: search, and the brain."""
