"""The switches of one row of the list."""

from __future__ import annotations

from typing import Any

from django import forms


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
