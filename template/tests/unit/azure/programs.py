"""Puts programs called `az` and `gh` on the PATH that hand their words to a server in the test."""

from __future__ import annotations

import os
import socketserver
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = tuple[int, str, str]
"""Exit code, standard output, standard error."""

# Started some hundred times: `_socket` and fields between NULs (no command line can hold one)
# halve the interpreter's start, of which `socket` and `json` are the larger part.
CLIENT = """#!{python} -SE
import _socket, os, sys
stdin = sys.stdin.read() if "--input" in sys.argv else ""
name = os.path.splitext(os.path.basename(sys.argv[0]))[0]
link = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
link.connect(("127.0.0.1", {port}))
link.sendall("\\0".join([name, os.getcwd(), stdin, *sys.argv[1:]]).encode())
link.shutdown(1)
answer = b"".join(iter(lambda: link.recv(65536), b"")).decode()
link.close()
if not answer:
    sys.exit("the connection broke")
code, out, err = answer.split("\\0")
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(int(code))
"""
# Windows starts a program by its extension and reads no first line.
BATCH = '@"{python}" -SE "%~dpn0" %*\n'


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        program, folder, stdin, *words = self.rfile.read().decode().split("\0")
        server: Any = self.server
        call = {"program": program, "words": words, "cwd": folder, "stdin": stdin}
        self.wfile.write("\0".join(map(str, server.answer(call))).encode())


class Programs(socketserver.ThreadingTCPServer):
    """Answers the programs, from one test to the next.

    Args:
        folder: Receives the programs.

    Attributes:
        folder: Has the programs.
        answer: What a call gets: program, words, folder and standard input come in.
    """

    daemon_threads = True
    answer: Callable[[dict[str, Any]], Answer]

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        folder.mkdir(parents=True)
        for name in ("az", "gh"):
            program = folder / name
            program.write_text(CLIENT.format(python=sys.executable, port=self.server_address[1]))
            program.chmod(0o755)
            if os.name == "nt":
                program.with_suffix(".cmd").write_text(BATCH.format(python=sys.executable))
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def close(self) -> None:
        """Stop answering."""
        self.shutdown()
        self.server_close()
