from __future__ import annotations

from django.urls import path

from marketdash.ops import comparing, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("status/", views.status, name="status"),
    path("status/compare/", comparing.compare, name="compare"),
    path("status/events", views.events, name="status_events"),
]
