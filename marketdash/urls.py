"""Every address of the site, app by app."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from marketdash.api import urls as api

admin.site.login = secure_admin_login(admin.site.login)  # one way in, with one set of limits

handler500 = "marketdash.ops.outage.failed"

urlpatterns = [
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/logout/", logout),
    path("admin/", admin.site.urls),
    path("accounts/", include("marketdash.accounts.urls")),
    *api.patterns(),
    path("", include("marketdash.ops.urls")),
    path("", include("marketdash.instruments.urls")),
    path("", include("marketdash.history.urls")),
    path("", include("marketdash.options.urls")),
    path("", include("marketdash.dashboards.urls")),
    path("", include("marketdash.portfolios.urls")),
]
