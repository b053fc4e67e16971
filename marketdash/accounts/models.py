"""What an account remembers."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

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
    amounts = _choice("amounts")
    numbers = _choice("numbers")
    zone = models.CharField(max_length=64, default="utc", validators=[checked_zone])

    def __str__(self) -> str:
        return f"of {self.user_id}"

    def values(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in preferences.NAMES}


class Token(models.Model):
    """Lets a bot in as its owner, for the scopes alone. ``digest`` is all that is kept of the secret."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=64)
    prefix = models.CharField(max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To about ten minutes.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def scope_set(self) -> frozenset[str]:
        return frozenset(self.scopes.split())

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()
