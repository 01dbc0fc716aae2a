"""Reads of calls: the floor of this moment, the figures of a day, the history, and one call's way."""
