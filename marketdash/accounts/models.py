"""What an account remembers."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from marketdash import preferences


def _choice(name: str) -> models.CharField:
    words = list(preferences.CHOICES[name].items())
    return models.CharField(max_length=16, choices=words, default=words[0][0])


def checked_zone(text: str) -> None:
    if said := preferences.problem("zone", text):
        raise ValidationError(said)


class Preference(models.Model):
    """How somebody wants to see things; see :mod:`marketdash.preferences`. No row: nothing was chosen yet."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    theme = _choice("theme")
    palette = _choice("palette")
    flash = _choice("flash")
    density = _choice("density")
    numbers = _choice("numbers")
    zone = models.CharField(max_length=64, default="utc", validators=[checked_zone])

    def __str__(self) -> str:
        return f"of {self.user_id}"

    def values(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in preferences.NAMES}
