"""The compose file, carried out by hand: its commands, environments and orders as processes of this machine.

What differs is where things are: addresses of services, and the folders that are volumes there.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
ONCE = "service_completed_successfully"


def read() -> dict[str, Any]:
    return YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def in_order(services: Mapping[str, Any]) -> Iterator[str]:
    """Those without a profile, each behind what it depends on."""
    done: set[str] = set()
    waiting = [name for name, service in services.items() if "profiles" not in service]
    while waiting:
        ready = [name for name in waiting if set(services[name].get("depends_on", ())) <= done]
        assert ready, f"these wait for each other: {waiting}"
        yield ready[0]
        done.add(ready[0])
        waiting.remove(ready[0])


def filled(text: object, values: Mapping[str, str] | None = None) -> str:
    """``${NAME:-default}`` by what stands in ``.env``; as it is when nobody set anything."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda m: (values or {}).get(m[1]) or m[2], str(text))


def dotenv(text: str) -> dict[str, str]:
    """A file of ``NAME=value`` lines."""
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class Deployment:
    """``places`` replaces paths and addresses of the file by those of this machine; ``chosen``: ``.env``."""

    def __init__(
        self,
        folder: Path,
        places: Mapping[str, str],
        more: Mapping[str, str],
        chosen: Mapping[str, str] | None = None,
    ) -> None:
        self.services = read()["services"]
        self._chosen = chosen
        self._folder, self._places, self._more = folder, places, more
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def here(self, text: object) -> str:
        found = filled(text, self._chosen)
        for there, here in self._places.items():
            found = found.replace(there, here)
        return found

    def environment(self, name: str, given: Mapping[str, str]) -> dict[str, str]:
        named = self.services[name].get("environment", {})
        return {**given, **{key: self.here(value) for key, value in named.items()}, **self._more}

    def command(self, name: str) -> list[str]:
        """The image's entry point is ``python manage.py``."""
        return [sys.executable, str(ROOT / "manage.py"), *map(self.here, self.services[name]["command"])]

    def run(self, name: str, given: Mapping[str, str]) -> None:
        """One that others wait for the end of."""
        with open(self._folder / "output", "ab") as output:
            subprocess.run(
                self.command(name),
                env=self.environment(name, given),
                stdout=output,
                stderr=output,
                timeout=180,
                check=True,
            )

    def start(self, name: str, given: Mapping[str, str], command: list[str] | None = None) -> None:
        """``command`` is what another image than ours would run."""
        with open(self._folder / "output", "ab") as output:
            self._running[name] = subprocess.Popen(
                command or self.command(name),
                env=self.environment(name, given),
                stdout=output,
                stderr=output,
            )

    def wait_until_healthy(self, name: str, given: Mapping[str, str], within_s: float = 180) -> None:
        until = time.monotonic() + within_s
        while not self.is_healthy(name, given):
            assert time.monotonic() < until, f"{name} is not healthy:\n{self.output}"

    def is_healthy(self, name: str, given: Mapping[str, str]) -> bool:
        """By the service's own check; one that takes too long is a no, as it is to a container engine."""
        _, _, *words = self.services[name]["healthcheck"]["test"]
        assert words[0] == "manage.py"
        command = [sys.executable, str(ROOT / "manage.py"), *words[1:]]
        environment = self.environment(name, given)
        try:
            ended = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            return False
        return ended.returncode == 0

    def end(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(30)

    @property
    def output(self) -> str:
        return (self._folder / "output").read_text(errors="replace")
