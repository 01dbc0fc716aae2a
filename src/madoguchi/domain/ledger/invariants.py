"""What must be true of the ledger."""

from madoguchi.domain.ledger.rules import Rule

# Seen over the whole life of each subject that moved in the period: the step before may lie outside of it.
_STEPS = """
WITH moved AS (
    SELECT DISTINCT subject, subject_id FROM ledger_transition
    WHERE at >= %(begin)s AND at < %(end)s
      AND subject IN ('call', 'offer', 'visit', 'presence', 'activity', 'wrap_up', 'recording', 'consult')
), steps AS (
    SELECT t.id, t.subject, t.subject_id, t.old, t.new, t.at,
           lag(t.new) OVER one AS before, lag(t.at) OVER one AS before_at
    FROM ledger_transition t JOIN moved USING (subject, subject_id)
    WINDOW one AS (PARTITION BY t.subject, t.subject_id ORDER BY t.id)
)
"""

RULES = (
    Rule(
        code="steps_join",
        subject="transition",
        broken="Transition {0} of {1} {2} begins at “{3}”, but the one before ended at “{4}”.",
        query=_STEPS
        + "SELECT id, subject, subject_id, old, before FROM steps WHERE before IS NOT NULL AND before <> old",
    ),
)
