"""How people write numbers: which point, which separator, which groups. Pure.

A page's scripts get the style from the page, so both write alike whatever the browser knows of languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

THIN = "\u202f"  # narrow and never broken, as French has it
WIDE = "\u00a0"


class Style(NamedTuple):
    """``second``: digits of every group but the last. ``least``: digits from which on there are groups."""

    point: str = "."
    group: str = ","
    second: int = 3
    least: int = 4

    def whole(self, digits: str) -> str:
        """The digits before the point, grouped."""
        if len(digits) < self.least or not self.group:
            return digits
        head, tail = digits[:-3], digits[-3:]
        cut = len(head) % self.second
        groups = [head[at : at + self.second] for at in range(cut, len(head), self.second)]
        return self.group.join([*filter(None, [head[:cut]]), *groups, tail])


ENGLISH = Style()
EXPLICIT = {
    "comma-point": ENGLISH,
    "point-comma": Style(",", "."),
    "space-comma": Style(",", THIN),
    "space-point": Style(".", THIN),
    "apostrophe-point": Style(".", "’"),
    "indian": Style(".", ",", second=2),
    "plain": Style(".", ""),
}
"""What can be asked for by name, beside ``locale``."""

_LANGUAGES = {
    Style(): (
        "ak am ar bm bo ce cy en fa ga gd gv ha he ig ii ja yi ki km kn ko kw lg mg mi mn ms mt my nd om qu "
        "sd si sn so st sw th ti fil to ug ur yo zh zu es-419 es-BR es-BZ es-CU es-DO es-GT es-HN es-MX "
        "es-NI es-PA es-PE es-PR es-SV es-US"
    ),
    Style(",", WIDE): (
        "af br cs cv ff fi kk ky lt nb nn no oc os ru se sk sv tg tk tt uk uz de-AT en-CZ en-EE en-FI en-HU "
        "en-LT en-LV en-NO en-PT en-SE en-SK en-UA en-ZA es-CR fr-CA pt-AO"
    ),
    Style(",", WIDE, least=5): (
        "be bg et hu hy ie ka lv pl sq pt-CH pt-CV pt-GQ pt-GW pt-LU pt-MO pt-MZ pt-PT pt-ST pt-TL ru-UA"
    ),
    Style(",", THIN): "eo fr rm en-FR",
    Style(".", WIDE): "ba xh",
    Style(",", "."): (
        "az bs ca da de el eu fo fy gl hr id is jv kl ku lb ln lo lu mk ro nl ps pt rn rw sc sg sr su tr vi "
        "wo ar-DZ ar-LB ar-LY ar-MA ar-MR ar-TN en-AT en-BE en-DE en-DK en-ES en-ID en-IT en-NL en-PL en-RO "
        "en-SI es-AR es-BO es-CL es-CO es-EC es-PY es-UY es-VE fr-LU fr-MA ms-BN ms-ID qu-BO sw-CD uz-AF"
    ),
    Style(",", ".", least=5): "es ia it sl",
    Style(".", ",", second=2): "as bn dz gu hi ml mr ne or pa sa ta te en-IN",
    Style(".", "’"): "tn de-CH de-LI en-CH it-CH",
}
_BY_LANGUAGE = {name.lower(): style for style, names in _LANGUAGES.items() for name in names.split()}


def of_languages(accepted: str) -> Style:
    """By the first language of an ``Accept-Language`` header that is known here; English writing else."""
    for tag in _by_preference(accepted):
        language, *parts = tag.lower().replace("_", "-").split("-")
        regions = [part for part in parts if len(part) == 2 or part.isdigit()]
        style = _BY_LANGUAGE.get("-".join([language, *regions[:1]])) or _BY_LANGUAGE.get(language)
        if style is not None:
            return style
    return ENGLISH


def _by_preference(accepted: str) -> Iterator[str]:
    weighed = []
    for place, item in enumerate(accepted[:500].split(",")):
        tag, _, weight = item.partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, tag.strip()))
        except ValueError:
            continue
    yield from (tag for _, _, tag in sorted(weighed) if tag)


def named(name: str, accepted: str) -> Style:
    """``name`` is a key of :data:`EXPLICIT`, or ``locale``."""
    return EXPLICIT.get(name) or of_languages(accepted)
