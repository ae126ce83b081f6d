"""How a company runs its network: administration, measures, governance."""
