"""The simulated exchanges by themselves, until interrupted."""

from __future__ import annotations

import argparse
import asyncio

from feeds.simulator.program import add_arguments, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m feeds.simulator", description=__doc__)
    add_arguments(parser)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
