"""A person's own pages."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from allauth.mfa.webauthn.views import login_webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from marketdash import access, preferences
from marketdash.accounts import tokens
from marketdash.accounts.forms import DisplayForm, EmailForm, TokenForm
from marketdash.accounts.middleware import keep
from marketdash.accounts.models import Preference, Token

ASKED = {"passkey_asked": "20/m/ip"}


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Who somebody is here: name, e-mail, and the way to the password."""
    form = EmailForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "E-mail saved." if request.user.email else "E-mail removed.")
        return redirect("account")
    return render(request, "account/account.html", {"form": form}, status=422 if form.errors else 200)


def display(request: HttpRequest) -> HttpResponse:
    """Preferences: an account keeps them, a visitor's browser does. What a request leaves out stays.

    The menu of a page asks for JSON: 204, or 422 with what is wrong by field.
    """
    now = request.display.chosen._asdict()
    form = DisplayForm({**now, **request.POST.dict()} if request.method == "POST" else None, initial=now)
    in_words = request.headers.get("Accept") != "application/json"
    if request.method == "POST" and form.is_valid():
        if in_words:
            messages.success(request, "Display saved.")
        return _saved(
            request, form.cleaned_data, redirect("display") if in_words else HttpResponse(status=204)
        )
    if not in_words:
        return JsonResponse({"errors": form.errors}, status=422)
    context = {"form": form, "zones": preferences.zones()}
    return render(request, "account/display.html", context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, values: dict[str, str], answer: HttpResponse) -> HttpResponse:
    """Only what was asked for: two choices that are under way at once must not undo each other."""
    asked = {name: value for name, value in values.items() if name in request.POST}
    if request.user.is_authenticated:
        Preference.objects.update_or_create(asked, create_defaults=values, user=request.user)
    keep(answer, asked)
    return answer


def passkey(request: HttpRequest) -> HttpResponse:
    """allauth counts the answers of passkeys. Each question leaves a row of a session, so they count too."""
    use = ratelimit.consume(request, app="", action="passkey_asked", config=ASKED, limit_get=True)
    return ratelimit.respond_429(request) if use is None else login_webauthn(request)


@login_required
@never_cache
@sensitive_variables("secret")
def token_list(request: HttpRequest) -> HttpResponse:
    """A person's tokens. The answer to a new one is the only page that ever shows its secret."""
    form, secret = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            _, secret = tokens.make(request.user, **form.cleaned_data)
            form = TokenForm()
        except tokens.TooMany as problem:
            form.add_error("name", str(problem))
    held = Token.objects.filter(user=request.user, revoked_at=None)
    context = {"form": form, "secret": secret, "tokens": held, "scopes": access.SCOPES}
    return render(request, "account/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke_token(request: HttpRequest, key: int) -> HttpResponse:
    """One's own alone; another's is not here."""
    token = get_object_or_404(Token, pk=key, user=request.user)
    tokens.revoke([token])
    messages.success(request, f"{token.name} is revoked. What it had open is closed.")
    return redirect("tokens")
