"""Whether everybody can use every page."""
