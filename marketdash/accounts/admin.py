"""Users and groups, where an administrator makes and changes them; signing in there is signing in here."""

from __future__ import annotations

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from marketdash.accounts import tokens
from marketdash.accounts.models import Token

for model in (
    User,
    Group,
    EmailAddress,
    EmailConfirmation,
    Authenticator,
):  # the address is a field of the user's own row
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "is_active", "is_staff", "last_login")
    list_filter_submit = True


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass


@admin.register(Token)
class TokenAdmin(ModelAdmin):
    """Whose bots come in, and the way to stop one. People make their own: nobody else sees a secret."""

    list_display = ("name", "user", "prefix", "scopes", "last_used_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "prefix")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        """Not here: a revoked one stays to be looked at. With the account of its person it goes."""
        page = request.resolver_match.url_name if request.resolver_match else None
        return page in ("auth_user_delete", "auth_user_changelist") and super().has_delete_permission(request)

    @admin.action(description="Revoke the selected tokens", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        chosen = list(queryset)
        tokens.revoke(chosen)
        for token in chosen:
            self.log_change(request, token, "Revoked")
        self.message_user(request, f"{len(chosen)} revoked; their sockets are closed")


@admin.register(Authenticator)
class FactorAdmin(ModelAdmin):
    """Who has a second factor, and the way back in for who lost it: an administrator removes it."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = readonly_fields = list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """Nothing of one is changed, and its secret is nobody's to read."""
        return False
