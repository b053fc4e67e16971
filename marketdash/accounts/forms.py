"""allauth's forms without placeholders that repeat the label, and the e-mail address of an account."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from allauth.account.models import EmailAddress
from allauth.mfa.base import forms as allauth_codes
from allauth.mfa.totp import forms as allauth_totp
from django import forms
from django.contrib.auth.models import User
from django.db import transaction

from marketdash import access, preferences

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


class PasswordAgainForm(Labelled, allauth.ReauthenticateForm):
    pass


class Coded(Labelled):
    """What an app shows, or a recovery code: digits, from a keyboard of digits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update({"inputmode": "numeric", "maxlength": "32"})


class CodeForm(Coded, allauth_codes.AuthenticateForm):
    pass


class CodeAgainForm(Coded, allauth_codes.ReauthenticateForm):
    pass


class FirstCodeForm(Coded, allauth_totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code that it shows"


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


class DisplayForm(forms.Form):
    """All preferences at once; what is none of the choices is refused at its field."""

    theme = forms.ChoiceField(choices=preferences.CHOICES["theme"], widget=forms.RadioSelect)
    palette = forms.ChoiceField(
        label="Up and down", choices=preferences.CHOICES["palette"], widget=forms.RadioSelect
    )
    flash = forms.ChoiceField(
        label="Changed digits", choices=preferences.CHOICES["flash"], widget=forms.RadioSelect
    )
    density = forms.ChoiceField(
        choices=preferences.CHOICES["density"],
        widget=forms.RadioSelect,
        help_text="On a phone rows keep the height of a thumb.",
    )
    amounts = forms.ChoiceField(
        label="What you hold",
        choices=preferences.CHOICES["amounts"],
        widget=forms.RadioSelect,
        help_text="Hidden, portfolios show prices, weights and per cents alone. The key h does it too.",
    )
    numbers = forms.ChoiceField(label="Numbers", choices=preferences.CHOICES["numbers"])
    zone = forms.CharField(
        label="Times",
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text="utc, local (this device), exchange (where the market is), or Europe/Berlin and the like.",
    )

    def clean_zone(self) -> str:
        text = self.cleaned_data["zone"].strip()
        if said := preferences.problem("zone", text):
            raise forms.ValidationError(said)
        return text


class TokenForm(forms.Form):
    """What a new token is for and how long."""

    name = forms.CharField(max_length=64, help_text="What uses it, such as the name of a bot.")
    scopes = forms.MultipleChoiceField(
        label="May", choices=access.SCOPES, widget=forms.CheckboxSelectMultiple, initial=[access.READ_MARKETS]
    )
    days = forms.TypedChoiceField(
        label="Expires",
        choices={"7": "In a week", "30": "In 30 days", "90": "In 90 days", "365": "In a year", "": "Never"},
        coerce=int,
        empty_value=None,
        required=False,
        initial="90",
    )

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if not name.isprintable():
            raise forms.ValidationError("name: expected printable characters")
        return name
