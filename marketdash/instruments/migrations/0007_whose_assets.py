"""Who brought in an asset that no venue lists: so many a person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("instruments", "0006_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="asset",
            name="of",
            field=models.ForeignKey(
                editable=False,
                help_text="Who brought it in, where no venue and no operator did.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
