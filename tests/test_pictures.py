"""The pictures of states in the docs: all that tests take are shown, and small."""

from __future__ import annotations

import re

from tests.e2e.pictures import DOCS, KEPT

MOST_BYTES = 150_000


def test_each_picture_of_a_state_is_shown_and_small() -> None:
    text = (DOCS.parent / "states.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"!\[([^\]]+)\]\(screenshots/([a-z-]+)\.webp\)", text))

    assert sorted(shown.values()) == sorted(KEPT)
    assert all(len(words) > 20 for words in shown)
    assert {path.stem for path in DOCS.glob("*.webp")} == KEPT
    assert [path.name for path in DOCS.glob("*.webp") if path.stat().st_size > MOST_BYTES] == []
