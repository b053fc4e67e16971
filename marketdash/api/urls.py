"""Everything below ``/api/v1/``, with its errors as JSON and its own description."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from marketdash.api import imports, markets, portfolios, problems, status, watchlists
from marketdash.api.problems import Problem
from marketdash.portfolios.queries import Unfolded


class Described(NinjaAPI):
    """Its description is made once: the same each time, and a quarter of a second's work for whoever asks."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**words)
        self._described: dict[str, Any] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> Any:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._described:
            self._described[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._described[prefix]


api = Described(
    title="Marketdash",
    version="1",
    urls_namespace="api-v1",
    docs_url=None,
    description="Last values of the markets that are followed here. Prices are text, the exchange's digits.",
)
api.add_router("", markets.router)
api.add_router("", status.router)
api.add_router("", watchlists.router)
api.add_router("", portfolios.router)
api.add_router("", imports.router)


@api.exception_handler(Problem)
def _refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problems.answer(problem)


@api.exception_handler(ValidationError)
def _misread(request: HttpRequest, invalid: ValidationError) -> HttpResponse:
    return problems.answer(problems.of_validation(request, invalid.errors))


@api.exception_handler(Unfolded)
def _unfolded(request: HttpRequest, problem: Unfolded) -> HttpResponse:
    """A long ledger of which much is new: ``engines`` is working it out."""
    expected = "its ledger to be worked out; ask again"
    return problems.answer(Problem(503, ("portfolio", expected, "not yet"), headers={"Retry-After": "2"}))


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is none."""
    return problems.answer(Problem(422, ("body", "JSON, as its description says", str(error))))


def documentation(request: HttpRequest) -> HttpResponse:
    """A plain page of the same document: no script, so nothing of it comes from elsewhere."""
    context = {"operations": _operations(), "host": request.build_absolute_uri("/")}
    return render(request, "api/docs.html", context)


def _operations() -> list[dict[str, Any]]:
    schema = api.get_openapi_schema()
    return [
        {"path": address, "method": method.upper(), **described}
        for address, methods in schema["paths"].items()
        for method, described in methods.items()
    ]


def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    return problems.answer(Problem(404, ("path", "an operation of /api/v1/openapi.json", request.path)))


def patterns() -> list[URLPattern | URLResolver]:
    docs = path("api/v1/docs", documentation, name="api_docs")
    beyond = re_path(r"^api/v1/(?P<rest>.*)$", nothing_here)
    return [docs, path("api/v1/", api.urls), beyond]
