"""Since when a venue lists an instrument no more. Of those that it dropped before, nobody knows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("instruments", "0004_operators")]

    operations = [
        migrations.AddField(
            model_name="instrument",
            name="delisted_at",
            field=models.DateTimeField(
                null=True, editable=False, help_text="When its venue's list lacked it first."
            ),
        ),
    ]
