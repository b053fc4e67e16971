"""The forms of one instrument: its switches in a row of the list, and all of it on a page of its own."""

from __future__ import annotations

from typing import Any

from django import forms

from marketdash.instruments import parts


class ChannelsForm(forms.ModelForm):
    """Saves what was changed in this form, not what the page showed.

    A page that has been open for an hour must not switch back what somebody else chose meanwhile.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in cleaned.keys() - set(self.changed_data):
            if name in self.instance.__dict__:
                cleaned[name] = getattr(self.instance, name)
        return cleaned


class PartsForm(forms.ModelForm):
    """What does not fit the rest is refused beside its field."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, said in parts.problems({**self._shown(), **cleaned}).items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, said)
        return cleaned

    def _shown(self) -> dict[str, Any]:
        """Parts that stand on the page and cannot be changed there."""
        known = self.instance
        return {name: getattr(known, name) for name in parts.NAMES if known.pk and name not in self.fields}
