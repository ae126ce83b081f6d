"""The shell, the tokens, the components that cards are made of."""
