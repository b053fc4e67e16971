"""Operators: who may change what is followed, and nothing else. An administrator puts people into the group."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAME = "Operators"
ALLOWED = (
    "view_instrument",
    "change_instrument",
    "view_venue",
    "change_venue",
    "view_asset",
    "change_asset",
    "view_alias",
    "add_alias",
    "change_alias",
    "delete_alias",
)


def make(apps, schema_editor):
    """Permissions are usually made after all migrations; these are needed now."""
    config = apps.get_app_config("instruments")
    kept, config.models_module = getattr(config, "models_module", None), True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = kept
    group, made = apps.get_model("auth", "Group").objects.get_or_create(name=NAME)
    if made:
        permissions = apps.get_model("auth", "Permission").objects
        found = permissions.filter(content_type__app_label="instruments", codename__in=ALLOWED)
        group.permissions.set(found)


class Migration(migrations.Migration):
    dependencies = [
        ("instruments", "0003_uploads"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
