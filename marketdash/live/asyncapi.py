"""The AsyncAPI 3.0 document of ``/ws/v1/``, made from the structs that requests and frames are held to."""

from __future__ import annotations

import inspect
from typing import Any, get_args

import msgspec

from marketdash.live import closing, protocol, replies, server_frames

REQUESTS = (protocol.Subscribe, protocol.Unsubscribe, protocol.Ping, protocol.Ack)
REPLIES = (replies.Success, replies.Failure, replies.Pong)
FRAMES = (*get_args(server_frames.Frame), server_frames.Heartbeat)
CLOSINGS = (closing.SIGNED_OUT, closing.RIGHTS_CHANGED, closing.ACKNOWLEDGE, closing.TOO_MANY, closing.FLOOD)


def document() -> dict[str, Any]:
    """The whole document."""
    types = (*REQUESTS, *REPLIES, *FRAMES)
    references, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    messages = {
        kind.__name__: _message(kind, reference) for kind, reference in zip(types, references, strict=True)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Marketdash live markets", "version": "1", "description": _description()},
        "channels": {
            "market": {
                "address": "/ws/v1/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "ask": _operation("receive", "What a client may send.", REQUESTS),
            "answer": _operation("send", "What each request is answered with.", REPLIES),
            "stream": _operation("send", "What is subscribed.", FRAMES),
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def _message(kind: type, reference: dict[str, Any]) -> dict[str, Any]:
    described = inspect.getdoc(kind) if kind.__doc__ else None
    message: dict[str, Any] = {"name": kind.__name__, "contentType": "application/json", "payload": reference}
    return {**message, "description": described} if described else message


def _operation(action: str, summary: str, kinds: tuple[type, ...]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/market/messages/{kind.__name__}"} for kind in kinds]
    channel = {"$ref": "#/channels/market"}
    return {"action": action, "channel": channel, "summary": summary, "messages": messages}


def _description() -> str:
    codes = " ".join(f"{each.code}: {each.reason}." for each in CLOSINGS)
    return (
        f"JSON text frames of at most {protocol.MAX_REQUEST_BYTES} bytes to the server. Close codes: {codes}"
    )


def text() -> str:
    """As it is kept in ``docs/asyncapi.json``."""
    return (
        msgspec.json.format(msgspec.json.encode(document(), order="deterministic"), indent=2).decode() + "\n"
    )
