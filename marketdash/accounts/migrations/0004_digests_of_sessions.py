from django.db import migrations

from marketdash.accounts.sessions import DIGITS, digest


def hide_keys(apps, schema_editor):
    """Nobody is signed out: cookies keep their keys. Nothing leads back, so backwards all sign in again."""
    sessions = apps.get_model("sessions", "Session").objects.using(schema_editor.connection.alias)
    keys = sessions.values_list("pk", flat=True)
    for key in [key for key in keys if len(key) != DIGITS]:
        sessions.filter(pk=key).update(session_key=digest(key))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_hidden_amounts"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(hide_keys, migrations.RunPython.noop)]
