"""What happened to the feeds, their surroundings and our processes: read on the status page."""

from __future__ import annotations

from django.db import models


class Incident(models.Model):
    """Something that began, and ended or goes on. What has no length ends when it begins.

    ``key`` is the writer's, so that writing it again changes it. ``subject`` is what it happened to. ``text``
    may carry error texts of programs, for who may read them. ``seen_at``: a process's last sign of life.
    """

    class Kind(models.TextChoices):
        WORKER = "worker", "Feed process"
        WEB = "web", "Web process"
        ENGINES = "engines", "Engines"
        DIED = "died", "Process died"
        LINK = "link", "Link"
        GAP = "gap", "Gap and resync"
        HALT = "halt", "Halt"
        LIMIT = "limit", "Exchange limits us"
        DELISTED = "delisted", "Delisting"
        REDIS = "redis", "Redis"
        DATABASE = "database", "Database"
        LOST = "lost", "Event log"

    key = models.CharField(max_length=80, unique=True, editable=False)
    worker = models.CharField(max_length=40, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    venue = models.CharField(max_length=32, blank=True)
    subject = models.CharField(max_length=200)
    text = models.CharField(max_length=300, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-began_at", "-id")
        indexes = (
            models.Index(fields=["-began_at", "-id"], name="ops_incident_newest"),
            models.Index(
                fields=["kind", "venue"], name="ops_incident_open", condition=models.Q(ended_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}: {self.text}"
