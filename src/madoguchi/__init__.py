"""Madoguchi, an open-source contact centre for companies that answer their customers in Japanese."""

__version__ = "0.1.0"
