"""Real conversations in the formats of real archives, for tests that ask for them. The data is no part of the project."""
