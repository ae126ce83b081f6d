"""A network's own administration: first run, people, invitations, readers set aside."""
