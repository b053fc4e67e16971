"""Errors to Sentry and traces to OpenTelemetry, only where the setting is there; then its package must be.

Neither is a dependency of the project: what is not used need not be installed.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SENTRY = ("sentry_sdk",)
OTEL = (
    "opentelemetry.trace",
    "opentelemetry.sdk.resources",
    "opentelemetry.sdk.trace",
    "opentelemetry.sdk.trace.export",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.instrumentation.django",
)
OTEL_PACKAGES = " ".join(
    f"opentelemetry-{part}" for part in ("sdk", "exporter-otlp-proto-http", "instrumentation-django")
)


def begin() -> None:
    """Once, when Django has started. Raises :class:`ImproperlyConfigured` naming setting and package."""
    if settings.SENTRY_DSN:
        _sentry(*_modules("SENTRY_DSN", "sentry-sdk", SENTRY))
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _opentelemetry(*_modules("OTEL_EXPORTER_OTLP_ENDPOINT", OTEL_PACKAGES, OTEL))


def _modules(setting: str, packages: str, names: tuple[str, ...]) -> list[ModuleType]:
    try:
        return [importlib.import_module(name) for name in names]
    except ImportError as missing:
        words = f"{setting} is set, but a package that it needs is not installed ({missing})"
        raise ImproperlyConfigured(f"{words}: pip install {packages}, or unset {setting}") from None


def _sentry(sdk: ModuleType) -> None:
    """Errors alone: no person, no cookie, no body of a request and no variable leaves this machine."""
    kept = {"max_request_body_size": "never", "include_local_variables": False}
    sdk.init(dsn=settings.SENTRY_DSN, send_default_pii=False, **kept)


def _opentelemetry(*modules: ModuleType) -> None:
    """A span for each request of a page or of the API. Sockets and prices have none: they would drown it."""
    trace, resources, sdk, export, exporter, django = modules
    provider = sdk.TracerProvider(resource=resources.Resource.create({"service.name": "marketdash"}))
    provider.add_span_processor(export.BatchSpanProcessor(exporter.OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    django.DjangoInstrumentor().instrument()
