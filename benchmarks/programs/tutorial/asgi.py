"""The application: authentication, origin check and a route, as the Channels tutorial stacks them."""

from __future__ import annotations

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutorial.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 (needs the apps that the line above loads)
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

urlpatterns: list[object] = []


class Ticks(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add("ticks", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard("ticks", self.channel_name)

    async def tick(self, event: dict[str, object]) -> None:
        await self.send(text_data=json.dumps(event["data"]))


routes = URLRouter([path("ws/ticks/", Ticks.as_asgi())])
application = ProtocolTypeRouter(
    {"http": http, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(routes))}
)
