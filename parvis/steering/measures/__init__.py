"""How the network is used: counts of deeds by day, place and verb. Never of a person."""
