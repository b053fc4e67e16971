"""The channel layer that reads in bursts: nothing lost, nothing out of order, on either protocol."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from redis.asyncio.client import Pipeline, PubSub
from redis.exceptions import ConnectionError as RedisConnectionError

from marketdash.live.layer import BurstLayer
from marketdash.live.mailbox import Mailbox
from tests.fakes.waiting import wait_until

GROUP, OTHER = "burst.1", "burst.2"
MANY = 300


@pytest.fixture(params=[2, 3], ids="protocol {}".format)
async def layer(request, redis_url):
    host = {"address": redis_url, "protocol": request.param, "health_check_interval": 1}
    made = BurstLayer(hosts=[host], prefix=f"test-{uuid.uuid4().hex[:8]}")
    yield made
    await made.flush()


@pytest.fixture
async def heard(layer):
    """The texts that a mailbox in both groups takes."""
    texts: list[str] = []
    mailbox = Mailbox(layer, lambda message: texts.append(message["text"]))
    task = asyncio.create_task(mailbox.run())
    await mailbox.join([GROUP, OTHER])
    yield texts
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def send(layer, group, text):
    await layer.group_send(group, {"type": "text", "text": text})


async def burst(layer):
    """All of it in one write, into two groups by turns."""
    pipeline = layer._get_layer()._shards[0]._redis.pipeline(transaction=False)
    for n in range(MANY):
        packed = layer.serialize({"type": "text", "text": f"{n}"})
        pipeline.publish(f"{layer._kwargs['prefix']}__group__{(GROUP, OTHER)[n % 2]}", packed)
    await pipeline.execute()


async def subscribed(layer, heard):
    """Until Redis has the mailbox in its group."""
    while "ready" not in heard:  # noqa: ASYNC110 (Redis answers when it likes)
        await send(layer, GROUP, "ready")
        await asyncio.sleep(0)


async def test_a_burst_arrives_whole_and_in_order(layer, heard):
    await subscribed(layer, heard)

    await burst(layer)
    await wait_until(lambda: heard[-1] == f"{MANY - 1}")

    assert [text for text in heard if text != "ready"] == [f"{n}" for n in range(MANY)]


async def test_one_trip_brings_what_arrived_together(layer, heard, monkeypatch):
    trips = 0
    parse = PubSub.parse_response

    async def counted(self: PubSub, *args: object, **options: object) -> object:
        nonlocal trips
        response = await parse(self, *args, **options)
        trips += response is not None
        return response

    await subscribed(layer, heard)
    before = len(heard)
    monkeypatch.setattr(PubSub, "parse_response", counted)
    await burst(layer)
    await wait_until(lambda: heard[-1] == f"{MANY - 1}")

    protocol_3 = layer._kwargs["hosts"][0]["protocol"] == 3
    assert trips > MANY / 2 if protocol_3 else trips < (len(heard) - before) / 2


async def test_groups_may_change_in_the_middle_of_a_burst(layer, heard):
    await subscribed(layer, heard)
    channel = await layer.new_channel()

    async def change() -> None:
        for n in range(20):
            await layer.group_add(f"passing.{n}", channel)
            await layer.group_discard(f"passing.{n}", channel)

    async def talk() -> None:
        for n in range(MANY):
            await send(layer, GROUP, f"{n}")

    await asyncio.gather(change(), talk())
    await wait_until(lambda: heard[-1] == f"{MANY - 1}")

    assert [text for text in heard if text != "ready"] == [f"{n}" for n in range(MANY)]


async def test_a_health_check_in_a_burst_is_no_message(layer, heard):
    await subscribed(layer, heard)
    pubsub = layer._get_layer()._shards[0]._pubsub
    for n in range(20):
        await pubsub.ping(pubsub.HEALTH_CHECK_MESSAGE)
        await send(layer, GROUP, f"{n}")

    await wait_until(lambda: heard[-1] == "19")

    assert [text for text in heard if text != "ready"] == [f"{n}" for n in range(20)]


async def test_what_waits_for_nobody_is_read_without_waiting(layer):
    channel = await layer.new_channel()
    for n in range(3):
        await layer.send(channel, {"type": "text", "text": f"{n}"})
    queue = layer._get_layer().channels[channel]
    await wait_until(lambda: queue.qsize() == 3)

    assert [message["text"] for message in layer.waiting(channel)] == ["0", "1", "2"]
    assert list(layer.waiting(channel)) == list(layer.waiting("nobody's")) == []


@pytest.fixture
def writes(layer, monkeypatch):
    """How many commands each write to Redis carried, publications alone."""
    counts: list[int] = []
    run = Pipeline.execute

    async def counted(self: Pipeline, *args: object, **options: object) -> object:
        counts.append(len(self.command_stack))
        return await run(self, *args, **options)

    monkeypatch.setattr(Pipeline, "execute", counted)
    return counts


async def test_what_is_said_in_one_turn_goes_as_one_write(layer, heard, writes):
    await subscribed(layer, heard)
    writes.clear()

    await asyncio.gather(*(send(layer, (GROUP, OTHER)[n % 2], f"{n}") for n in range(8)))
    await send(layer, GROUP, "8")

    assert writes == [8, 1]
    await wait_until(lambda: heard[-1] == "8")
    assert [text for text in heard if text != "ready"] == [f"{n}" for n in range(9)]


async def test_whoever_spoke_in_one_turn_hears_that_redis_is_away(layer):
    shards = layer._get_layer()._shards
    host = {"address": "redis://127.0.0.1:1/0", "socket_connect_timeout": 1}
    shards[:] = [type(shards[0])(host, layer._get_layer())]

    found = await asyncio.gather(*(send(layer, GROUP, f"{n}") for n in range(3)), return_exceptions=True)

    assert all(isinstance(problem, RedisConnectionError) for problem in found), found


async def test_who_is_cancelled_takes_nobody_along(layer, heard):
    await subscribed(layer, heard)
    shard = layer._get_layer()._shards[0]
    async with shard._lock:
        tasks = [asyncio.create_task(send(layer, GROUP, f"{n}")) for n in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*tasks[1:])

    assert tasks[0].cancelled()
    await wait_until(lambda: heard[-1] == "2")
