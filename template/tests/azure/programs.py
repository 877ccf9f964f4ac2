"""Puts programs called `az` and `gh` on the PATH that hand their words to a server in the test."""

from __future__ import annotations

import json
import socketserver
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = tuple[int, str, str]
"""Exit code, standard output, standard error."""

CLIENT = """#!{python} -SE
import json, os, socket, sys
name = os.path.basename(sys.argv[0])
stdin = sys.stdin.read() if "--input" in sys.argv else ""
call = {{"program": name, "words": sys.argv[1:], "cwd": os.getcwd(), "stdin": stdin}}
with socket.create_connection(("127.0.0.1", {port})) as link:
    link.sendall(json.dumps(call).encode())
    link.shutdown(socket.SHUT_WR)
    answer = b"".join(iter(lambda: link.recv(65536), b""))
if not answer:
    sys.exit("the connection broke")
code, out, err = json.loads(answer)
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"""


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        call = json.loads(self.rfile.read())
        server: Any = self.server
        self.wfile.write(json.dumps(server.answer(call)).encode())


class Programs(socketserver.ThreadingTCPServer):
    """Answers the programs.

    Args:
        answer: What a call gets: words, folder and standard input come in.
        folder: Receives the programs.
    """

    daemon_threads = True

    def __init__(self, answer: Callable[[dict[str, Any]], Answer], folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        folder.mkdir(parents=True)
        for name in ("az", "gh"):
            program = folder / name
            program.write_text(CLIENT.format(python=sys.executable, port=self.server_address[1]))
            program.chmod(0o755)
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def close(self) -> None:
        """Stop answering."""
        self.shutdown()
        self.server_close()
