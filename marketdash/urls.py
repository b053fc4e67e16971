"""Every address of the site, app by app."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("marketdash.accounts.urls")),
    path("", include("marketdash.ops.urls")),
    path("", include("marketdash.instruments.urls")),
]
