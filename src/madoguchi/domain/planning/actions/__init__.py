"""The verbs of planning, one file a family."""
