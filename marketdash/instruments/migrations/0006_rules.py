"""What is followed by rule. Whoever may choose by hand may choose by rule."""

import django.core.validators
import django.db.models.deletion
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

ALLOWED = ("view_rule", "add_rule", "change_rule", "delete_rule")


def allow(apps, schema_editor):
    """Permissions are usually made after all migrations; these are needed now."""
    config = apps.get_app_config("instruments")
    kept, config.models_module = getattr(config, "models_module", None), True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = kept
    permissions = apps.get_model("auth", "Permission").objects
    found = permissions.filter(content_type__app_label="instruments", codename__in=ALLOWED)
    for group in apps.get_model("auth", "Group").objects.filter(name="Operators"):
        group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("instruments", "0005_delisted_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("spot", "Spot"),
                            ("perpetual", "Perpetual"),
                            ("future", "Future"),
                            ("option", "Option"),
                            ("equity", "Equity"),
                            ("forex", "Forex"),
                            ("index", "Index"),
                        ],
                        default="option",
                        max_length=9,
                    ),
                ),
                (
                    "base",
                    models.CharField(
                        blank=True, help_text="As the venue calls it; empty: any.", max_length=32
                    ),
                ),
                ("quote", models.CharField(blank=True, help_text="Empty: any.", max_length=32)),
                (
                    "right",
                    models.CharField(
                        blank=True,
                        choices=[("call", "Calls"), ("put", "Puts")],
                        help_text="Empty: both.",
                        max_length=4,
                    ),
                ),
                (
                    "within_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Only what expires within so many days. Empty: whenever.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3660),
                        ],
                    ),
                ),
                (
                    "band",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Only strikes so near to the price of the spot. Empty: any strike.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="band, ± %",
                    ),
                ),
                ("ticker", models.BooleanField(default=True)),
                ("trades", models.BooleanField(default=False)),
                ("bars", models.BooleanField(default=False)),
                (
                    "book_depth",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "No book"),
                            (10, "10"),
                            (25, "25"),
                            (100, "100"),
                            (500, "500"),
                            (1000, "1000"),
                        ],
                        default=0,
                    ),
                ),
                (
                    "most",
                    models.PositiveSmallIntegerField(
                        default=2000,
                        help_text="At most so many, those that expire first and are nearest to the spot.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5000),
                        ],
                    ),
                ),
                (
                    "enabled",
                    models.BooleanField(
                        default=True,
                        help_text="Off: what it switched on is switched off, unless a hand did since.",
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True)),
                ("applied_at", models.DateTimeField(editable=False, null=True)),
                ("problem", models.CharField(blank=True, editable=False, max_length=300)),
                ("fits", models.PositiveIntegerField(default=0, editable=False, verbose_name="fit")),
                (
                    "spot",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose price the band is around: an index, a spot market, a perpetual that is followed.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="instruments.instrument",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="instruments.venue",
                    ),
                ),
            ],
            options={
                "ordering": ["venue", "kind", "base", "pk"],
            },
        ),
        migrations.AddField(
            model_name="instrument",
            name="rule",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="instruments",
                to="instruments.rule",
                verbose_name="followed by",
            ),
        ),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
