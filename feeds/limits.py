"""What a venue allows: requests, connections, silence."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """What the venue allows. All rates are kept by the session, none by the codec.

    ``messages_per_s``: what we may send on one link (0: no limit known), with ``messages_shared`` on all of
    them together. A venue that closes a link which asked for nothing within some seconds needs no number
    here: the session opens a link only when something may be asked for, and asks in the turn in which it
    opens. ``connects`` in ``connects_window_s``: attempts per address. ``max_link_age_s``: planned
    roll-over before the venue's own cut (0: none). ``idle_s``: no frame at all for so long means a dead
    link. ``data_idle_s``: no data for so long means the same, on venues without a heartbeat (0: not used).
    ``beats_s``: it has one, too slow to tell a broken wire by; no silence that is longer is a quiet market's
    (0: it has none).
    ``pinged``: it wants WebSocket pings from us, however much it sends itself.
    ``asks`` in ``asks_window_s``: requests to subscribe or leave on one link (0: no limit known).
    ``rest_weight`` per ``rest_window_s``. ``banned``: the HTTP statuses by which it limits us, for
    ``banned_s`` where it names no time.
    """

    messages_per_s: float = 0
    topics_per_request: int = 50
    connects: int = 60
    connects_window_s: float = 300
    max_link_age_s: float = 0
    idle_s: float = 5
    data_idle_s: float = 0
    pinged: bool = False
    beats_s: float = 0
    rest_weight: int = 600
    rest_window_s: float = 60
    banned: tuple[int, ...] = (418, 429)
    banned_s: float = 60
    max_frame_bytes: int = 16 * 1024 * 1024
    messages_shared: bool = False
    asks: int = 0
    asks_window_s: float = 3600
