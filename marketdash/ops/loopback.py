"""What is asked for by a name of this machine needs no TLS: it never leaves the machine.

Django's SecurityMiddleware redirects every plain request or none, and cookies are Secure for everybody or
for nobody: a site could insist on TLS, or have the ``http://localhost:8000/`` of a fresh deployment, but not
both. Browsers resolve these names to the machine that they run on; whoever writes one into a
``Host`` header by hand deceives nobody but himself.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port
from django.utils.decorators import sync_and_async_middleware

from marketdash.environment import is_loopback


@sync_and_async_middleware
def before_security(get_response: Any) -> Any:
    """Before Django's SecurityMiddleware: that takes such a request for a safe one and lets it pass."""
    if iscoroutinefunction(get_response):

        async def in_loop(request: HttpRequest) -> HttpResponseBase:
            here = _vouched_for(request)
            response = await get_response(request)
            return _without_tls(response) if here else response

        return in_loop

    def in_thread(request: HttpRequest) -> HttpResponseBase:
        here = _vouched_for(request)
        response = get_response(request)
        return _without_tls(response) if here else response

    return in_thread


@sync_and_async_middleware
def behind_security(get_response: Any) -> Any:
    """Right behind it: from here on the request says again how it came."""
    if iscoroutinefunction(get_response):

        async def in_loop(request: HttpRequest) -> HttpResponseBase:
            vars(request).pop("is_secure", None)
            return await get_response(request)

        return in_loop

    def in_thread(request: HttpRequest) -> HttpResponseBase:
        vars(request).pop("is_secure", None)
        return get_response(request)

    return in_thread


def _vouched_for(request: HttpRequest) -> bool:
    try:
        name, _ = split_domain_port(request.get_host())
    except DisallowedHost:
        return False
    if not is_loopback(name.strip("[]")):
        return False
    request.is_secure = lambda: True  # type: ignore[method-assign]
    return True


def _without_tls(response: HttpResponseBase) -> HttpResponseBase:
    """No HSTS: it would reach every other port of ``localhost``. Not every browser keeps a Secure cookie."""
    response.headers.pop("Strict-Transport-Security", None)
    for cookie in response.cookies.values():
        cookie["secure"] = ""
    return response
