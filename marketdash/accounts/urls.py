"""allauth's views that work without mail, by the names that allauth knows them by, and our own pages."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import include, path

from marketdash.accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("display/", views.display, name="display"),
    path("tokens/", views.token_list, name="tokens"),
    path("tokens/<int:key>/revoke/", views.revoke_token, name="revoke_token"),
    path("login/", allauth.login, name="account_login"),
    path("confirm/", allauth.reauthenticate, name="account_reauthenticate"),
    path("factors/webauthn/login/", views.passkey, name="mfa_login_webauthn"),
    path("factors/", include("allauth.mfa.urls")),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("signup/", allauth.signup, name="account_signup"),
    path("password/", allauth.password_change, name="account_change_password"),
    path("password/set/", allauth.password_set, name="account_set_password"),
]
