"""Leak tests: canary words in everything that can be hidden, and a crawler that must not find them."""
