"""Parvis: a self-hosted enterprise social network with an enterprise brain."""

__version__ = "0.1.0"
