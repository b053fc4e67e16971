"""Where a form of the admin asks for an instrument, of which there are too many for a list."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect


class InstrumentSelect(AutocompleteSelect):
    """Django's own looks every key up again to name it, also those that no instrument can have."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        keys = [key for key in map(str, value) if key.isascii() and key.isdecimal() and len(key) < 19]
        return super().optgroups(name, keys, attr)
