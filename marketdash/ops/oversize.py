"""What a request is answered that brings more than anything here takes: a page, or JSON for bots."""

from __future__ import annotations

from typing import Any

import msgspec
from django.template import loader


def told(scope: dict[str, Any], expected: str, found: str) -> tuple[bytes, bytes]:
    """Media type and body, in the form of all errors of the API where no page is asked for. Nothing of the
    request was read, and no session may be: who sent it is not known."""
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    if scope["path"].startswith("/api/") or b"text/html" not in accepted:
        errors = [{"field": "body", "expected": expected, "found": found}]
        return b"application/json", msgspec.json.encode({"errors": errors})
    page = loader.render_to_string("413.html", {"expected": expected, "found": found})
    return b"text/html; charset=utf-8", page.encode()
