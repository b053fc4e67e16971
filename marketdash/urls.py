"""Every address of the site, app by app."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

admin.site.login = secure_admin_login(admin.site.login)  # one way in, with one set of limits

urlpatterns = [
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/logout/", logout),
    path("admin/", admin.site.urls),
    path("accounts/", include("marketdash.accounts.urls")),
    path("", include("marketdash.ops.urls")),
    path("", include("marketdash.instruments.urls")),
]
