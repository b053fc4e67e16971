"""Feeds a server line by line: python feed_lines.py PORT PROGRESS CLIENTS OUTSTANDING EVERY_S.

EVERY_S 0: the closed loop, as fast as the clients read; else one update each EVERY_S seconds.
"""

from __future__ import annotations

import socket
import sys
import time

from tick import Closed, encode, tick


def main(port: int, progress: str, clients: int, outstanding: int, every_s: float) -> None:
    loop = Closed(progress, clients, outstanding)
    with socket.create_connection(("127.0.0.1", port)) as to:
        to.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        seq = 0
        while True:
            seq += 1
            to.sendall(encode(tick(seq)).encode() + b"\n")
            if every_s:
                time.sleep(every_s)
            else:
                loop.wait(seq)


main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
