"""The sockets of one hub and what they follow: who shares which view, and how many sockets one may have."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable

from feeds.symbols import BOOK, HEALTH, OHLC, STATUS, TopicParts
from feeds.symbols import topic as topic_text
from marketdash.live.beats import Beat
from marketdash.live.client import Client, Subscribed
from marketdash.live.closing import TOO_MANY, Closing
from marketdash.live.credit import MOST_BYTES
from marketdash.live.due import Due
from marketdash.live.fanout import View, ViewKey
from marketdash.live.levels import Levels
from marketdash.live.made import MadeTopics
from marketdash.live.topics import Topic, Topics
from marketdash.live.view_keys import venue_of

MAX_TOPICS = 1000
MAX_SOCKETS_OF_USER = 20
MAX_SOCKETS_OF_ADDRESS = 50
"""Of visitors; who is signed in counts as a user."""

MAX_TURNED_AWAY, TURNED_AWAY_S = 20, 10.0
"""Sockets over somebody's limit that are told so by a close code in that time: each is held until its client
answers. Further ones are refused before they are sockets."""

OWED_S = 5.0
"""What a client was not brought in that time nothing waits for any longer: on a link that carries less than
is to be said, each row has its turn only after all that waited before it."""

Group = tuple[str, int, int]
"""(channel, param, interval_ms): a client has one view for each."""


class Viewers:
    """``group_of`` is the group of the layer that carries a topic."""

    def __init__(
        self,
        topics: Topics,
        made: MadeTopics,
        now_us: Callable[[], int],
        group_of: Callable[[TopicParts], str],
        counters: Counter[str],
    ) -> None:
        self.clients: set[Client] = set()
        self.views: dict[ViewKey, View] = {}
        self._topics, self._made, self._now_us = topics, made, now_us
        self._group_of = group_of
        self.due = Due(counters)
        self.levels = Levels(_who)
        self._sockets: Counter[int | str] = Counter()
        self._of_status: set[Client] = set()
        self._unheard: set[Client] = set()
        self._owed: dict[Client, float] = {}
        self._turned_away: deque[tuple[float, int | str]] = deque()

    # sockets

    def admit(self, client: Client) -> Closing | None:
        """Count the socket in; why not, when it is one too many."""
        who = _who(client)
        limit = MAX_SOCKETS_OF_ADDRESS if isinstance(who, str) else MAX_SOCKETS_OF_USER
        if self._sockets[who] >= limit:
            return TOO_MANY
        self._sockets[who] += 1
        self.clients.add(client)
        return None

    def turn_away(self, client: Client) -> bool:
        """Whether it may become a socket to be told that it is one too many."""
        who, now_s, turned = _who(client), self._now_us() / 1e6, self._turned_away
        while turned and turned[0][0] < now_s - TURNED_AWAY_S:
            turned.popleft()
        if sum(each == who for _, each in turned) >= MAX_TURNED_AWAY:
            return False
        turned.append((now_s, who))
        return True

    def leave(self, client: Client) -> None:
        if client not in self.clients:
            return
        self.clients.discard(client)
        self._owed.pop(client, None)
        self._follows_status(client, False)
        who = _who(client)
        self._sockets[who] -= 1
        if not self._sockets[who]:
            del self._sockets[who]
        for view in client.views.values():
            view.remove(client)
            self._drop_if_empty(view)
        client.views.clear()
        self.levels.leave(client)
        client.owes.clear()
        client.discard()

    def resume(self, client: Client) -> None:
        """It can be sent something again, or has what it was owed."""
        if client in self._owed and not client.owes:
            del self._owed[client]
            self._unheard.update(self._of_status & {client})
        for view in list(client.behind):
            if client.ready:
                view.resume(client)

    def hurry(self) -> None:
        """Let nobody wait for what is known: a beat is to follow that says how young it is."""
        for view in list(self.views.values()):
            view.hurry()

    def rows_first(self, venues: set[str]) -> None:
        """Who is behind just now is brought the rows of these before it is told that they live, and before it
        hears a beat: it may not know of the silence. What it lacks now, and for :data:`OWED_S` at most:
        else who is always behind, on a slow link, would never be told."""
        for client in self.clients:
            behind = [view for view in client.behind if view.key.channel not in (STATUS, HEALTH)]
            owed = [track for view in behind for track in view.owed(client)]
            client.owes.update(track for track in owed if venue_of(track) in {*venues, ""})
            if client.owes:
                self._owed.setdefault(client, self._now_us() / 1e6)
                for view in client.views.values():
                    if view.key.channel == STATUS:
                        view.set_aside(client)

    @property
    def waits_for_beat(self) -> bool:
        """Whether somebody follows a venue's status and was never told that it lives: nothing is live there
        until then."""
        return bool(self._unheard)

    def beat(self, beat: Beat) -> None:
        """To all that follow a venue's status."""
        self._beat(self._of_status, beat)

    def first_beat(self, beat: Beat) -> None:
        """To those of them who had none yet."""
        self._beat(self._unheard, beat)

    def _beat(self, clients: Iterable[Client], beat: Beat) -> None:
        now_s = self._now_us() / 1e6
        for client in list(clients):
            if client.owes or not (client.ready or client.hears_beats(now_s)):
                continue
            prompt = client.ready and not client.behind and client.window_bytes == MOST_BYTES
            late_s = 0.0 if prompt else _lacks_s(client) + client.under_way_s(now_s)
            if (out := beat.told_late(late_s)) is not None:
                client.deliver(out)
        self._unheard.clear()

    def nudge(self) -> None:
        """Each second."""
        now_s = self._now_us() / 1e6
        self.due.look(list(self.views.values()))
        for client in list(self.clients):
            client.nudge(now_s)
        for client, since_s in list(self._owed.items()):
            if now_s - since_s > OWED_S:
                client.brought(set(client.owes))

    def followers(self, channel: str, key: str) -> list[Client]:
        return [client for client in self.clients if topic_key(channel, 0, key) in client.topics]

    def following_all(self) -> list[Client]:
        return [client for client in self._of_status if client.all_venues is not None]

    # what they follow

    def follow(self, client: Client, channel: str, sub: Subscribed, symbols: Iterable[str]) -> None:
        """From now on, beginning with snapshots of these symbols, whether followed before or not."""
        fresh = set(symbols)
        touched: set[Group] = {(channel, *sub)}
        for symbol in fresh:
            key = topic_key(channel, sub.param, symbol)
            before = client.topics.get(key)
            if before is not None:
                touched.add((channel, *before))
            client.topics[key] = sub
        self._regroup(client, touched, fresh)

    def unfollow(self, client: Client, channel: str, param: int, symbols: Iterable[str]) -> None:
        touched: set[Group] = set()
        for symbol in symbols:
            before = client.topics.pop(topic_key(channel, param, symbol), None)
            if before is not None:
                touched.add((channel, *before))
        self._regroup(client, touched, set())

    def _regroup(self, client: Client, touched: set[Group], fresh: set[str]) -> None:
        for group, symbols in _filed(client, touched).items():
            before = client.views.pop(group, None)
            have = before.remove(client) if before is not None else {}
            if symbols:
                view = client.views[group] = self._view(ViewKey(*group, frozenset(symbols)))
                view.add(client, {track: at for track, at in have.items() if track.symbol not in fresh})
            if before is not None:
                self._drop_if_empty(before)
        client.brought(client.owes - {track for view in client.views.values() for track in view.tracks})
        if any(channel == BOOK for channel, _, _ in touched):
            self.levels.settle(client)
        self._follows_status(client, any(channel == STATUS for channel, _, _ in client.topics))

    def _follows_status(self, client: Client, does: bool) -> None:
        if does and client not in self._of_status:
            self._unheard.add(client)
        elif not does:
            self._unheard.discard(client)
        (self._of_status.add if does else self._of_status.discard)(client)

    def _view(self, key: ViewKey) -> View:
        return self.views.get(key) or self._make_view(key)

    def _make_view(self, key: ViewKey) -> View:
        now_s = self._now_us() / 1e6
        among = self._among(key)
        topics = [among.need(topic_name(key, symbol), now_s) for symbol in key.symbols]
        tracks = [topic.track(key.param, key.interval_ms) for topic in topics]
        gathers = len({self._group_of(topic.parts) for topic in topics if isinstance(topic, Topic)}) > 1
        view = self.views[key] = View(key, tracks, self._now_us, self.due, gathers=gathers)
        for topic, track in zip(topics, tracks, strict=True):
            topic.readers[view] = track
        return view

    def _drop_if_empty(self, view: View) -> None:
        if view.clients or self.views.get(view.key) is not view:
            return
        view.close()
        del self.views[view.key]
        for symbol in view.key.symbols:
            self._among(view.key)[topic_name(view.key, symbol)].drop_reader(view, self._now_us() / 1e6)

    def _among(self, key: ViewKey) -> Topics | MadeTopics:
        return self._made if self._made.makes(key.channel) else self._topics


def _filed(client: Client, groups: Iterable[Group]) -> dict[Group, list[str]]:
    """What it follows of these groups. One look through its topics, of which there may be a thousand."""
    filed: dict[Group, list[str]] = {group: [] for group in groups}
    for (channel, _, symbol), sub in client.topics.items():
        if (found := filed.get((channel, *sub))) is not None:
            found.append(symbol)
    return filed


def topic_key(channel: str, param: int, symbol: str) -> tuple[str, int, str]:
    """Several intervals of one symbol can be followed at once; of anything else there is one."""
    return channel, param if channel == OHLC else 0, symbol


def topic_name(key: ViewKey, symbol: str) -> str:
    return topic_text(key.channel, symbol, key.param if key.channel == OHLC else 0)


def _lacks_s(client: Client) -> float:
    """For how long rows wait here already, as they do for a link that carries less than there is to say."""
    now_s = time.monotonic()
    lacks = (
        track.lacks_s(at, now_s)
        for view, have in client.behind.items()
        if view.key.channel not in (STATUS, HEALTH)
        for track, at in have.items()
    )
    return max(lacks, default=0.0)


def _who(client: Client) -> int | str:
    return client.address if client.user_id is None else client.user_id
