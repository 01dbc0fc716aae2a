"""What stood with each wrap-up becomes its writer's note of the contact."""

from django.db import migrations

# One note a person: who wrote two wrap-ups of one call (it came back to them) has both texts in it.
MOVE = """
INSERT INTO contacts_note (contact_id, account_id, text, version, began_at, changed_at)
SELECT c.contact_id, a.account_id, string_agg(w.summary, E'\\n' ORDER BY w.began_at), 1,
       min(w.began_at), max(coalesce(w.ended_at, w.began_at))
FROM calls_wrapup w JOIN calls_call c ON c.id = w.call_id JOIN agents_agent a ON a.id = w.agent_id
WHERE w.summary <> '' GROUP BY c.contact_id, a.account_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0001_initial"),
        ("contacts", "0002_note"),
        ("agents", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        # The version before may still run: its column stays, with a default, until the next release.
        migrations.RunSQL("ALTER TABLE calls_wrapup ALTER summary SET DEFAULT ''", migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("wrapup", "summary")]),
    ]
