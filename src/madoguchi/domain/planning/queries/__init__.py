"""Reads of planning: the records of some days in flat columns, and the reports on lost calls."""
