"""A person's own pages."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from marketdash.accounts.forms import EmailForm


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Who somebody is here: name, e-mail, and the way to the password."""
    form = EmailForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "E-mail saved." if request.user.email else "E-mail removed.")
        return redirect("account")
    return render(request, "account/account.html", {"form": form}, status=422 if form.errors else 200)
