"""Pages of administration, the desk, invitations and the first run."""
