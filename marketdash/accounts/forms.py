"""allauth's forms without placeholders that repeat the label, and the e-mail address of an account."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth.models import User
from django.db import transaction

NAME = {"autocapitalize": "none", "spellcheck": "false"}


class Labelled:
    """Mixed into a form whose template writes the labels."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        first = next(iter(self.fields.values()), None)
        if first is not None:
            first.widget.attrs["autofocus"] = True


class LoginForm(Labelled, allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "User name"
        self.fields["login"].widget.attrs.update(NAME)


class SignupForm(Labelled, allauth.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"
        self.fields["username"].widget.attrs.update(NAME)
        self.fields["email"].label = "E-mail (optional)"
        self.fields["password2"].label = "Password again"


class ChangePasswordForm(Labelled, allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "New password"
        self.fields["password2"].label = "New password again"


class SetPasswordForm(Labelled, allauth.SetPasswordForm):
    pass


class EmailForm(forms.ModelForm):
    """Optional: no mail is sent to find out whose it is. allauth's own record follows the account's."""

    class Meta:
        model = User
        fields = ("email",)
        labels = {"email": "E-mail (optional)"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "email"

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        user = self.instance
        user.save(update_fields=["email"])
        EmailAddress.objects.filter(user=user).delete()
        if user.email:
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
        return user
