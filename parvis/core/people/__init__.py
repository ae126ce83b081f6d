"""Networks, accounts, persons, organisations, groups and who belongs to them."""
