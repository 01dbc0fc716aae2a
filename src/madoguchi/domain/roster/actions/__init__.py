"""The verbs of rosters, one file a family: the only writers."""
