"""How long a function takes from the start of its process to its first answer, beside its twin in Python. Ends with 1 where
it takes more than an eighth of the twin's time, with 2 where the two did not make the same calls.

    cold_start.py [--rounds 10] [--binaries FOLDER] [FUNCTION...]

Both sides run in turns on this machine against the same stub of AWS; what the function asks there is recorded first, and the
twin makes the same calls through boto3. Not in the times: Lambda's own work before it starts the process, and TLS.
"""

from __future__ import annotations

import argparse
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from calls import call_of, named
from events import event_of
from rig import runtime
from stub import DOCUMENT, Aws, Resolver, StubAnswers
from zips import FUNCTIONS, TARGET

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT = 1 / 8
PATIENCE_S = 30


class Lambda(runtime.Lambda):
    """The runtime API, with the moment at which an answer came in."""

    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.invocations.answered_at = time.perf_counter()
        super().do_POST()

    def end_headers(self) -> None:
        if self.command == "GET":
            # As Lambda has them; Python's client does not do without.
            self.send_header("Content-Type", "application/json")
            self.send_header("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000")
        super().end_headers()


@dataclass
class Side:
    """One of the two: how its process is started."""

    command: list[str]
    env: dict[str, str]
    folder: Path = ROOT


class Bench:
    def __init__(self, binaries: Path, python: Path) -> None:
        self.binaries, self.python = binaries, python
        document = tomllib.loads((ROOT / "examples" / "seed-runbook.toml").read_text())
        self.stub = StubAnswers(json.dumps(document))
        self.aws = runtime.serve(Aws, answers=self.stub)
        self.runtime = runtime.serve(Lambda, invocations=None)
        self.resolver = socketserver.UDPServer(("127.0.0.1", 0), Resolver)
        threading.Thread(target=self.resolver.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{self.aws.server_port}"
        origins = [setup[name] for setup in document["regions"] for name in ("search_endpoint", "mattermost_url")]
        self.reroute = ",".join(f"{origin}={here}" for origin in origins)
        self.folder = Path(tempfile.mkdtemp())

    def native(self, function: str) -> Side:
        return Side([str(self.binaries / function)], self.env(function, {}))

    def twin(self, function: str) -> Side:
        # Lambda keeps a function's own files where nothing can be written; those of the packages are compiled already.
        changes = {"MMDR_TWIN_CALLS": str(self.folder / f"{function}.json"), "PYTHONDONTWRITEBYTECODE": "1"}
        return Side([str(self.python), "-m", "awslambdaric", "twin.handler"], self.env(function, changes), HERE)

    def env(self, function: str, changes: dict[str, str]) -> dict[str, str]:
        resolvers = f"127.0.0.1:{self.resolver.server_address[1]}"
        ours = {"MMDR_DOCUMENT": f"ssm:{DOCUMENT}", "MMDR_REROUTE": self.reroute, "MMDR_RESOLVERS": resolvers}
        return runtime.environment(self.runtime.server_port, self.aws.server_port, function, ours | changes)

    def cold(self, side: Side, event: bytes) -> tuple[float, dict]:
        """Milliseconds from the start to the answer, and the answer."""
        invocations = runtime.Invocations([event])
        self.runtime.RequestHandlerClass.invocations = invocations
        with tempfile.TemporaryFile() as log:
            began = time.perf_counter()
            process = subprocess.Popen(side.command, env=side.env, cwd=side.folder, stdout=log, stderr=log)
            try:
                answered = wait(process, invocations)
            finally:
                process.kill()
                process.wait()
            if not answered:
                log.seek(0)
                sys.exit(f"{side.command[0]} did not answer: {log.read().decode(errors='replace')[-2000:]}")
        return (invocations.answered_at - began) * 1000, invocations.answers[0]

    def prepare(self, function: str) -> tuple[int, dict]:
        """Records the function's calls for its twin. How many they are, and the function's answer."""
        event = json.dumps(event_of(function)).encode()
        _, answer = self.cold(self.native(function), event)
        requests = self.stub.taken()
        (self.folder / f"{function}.json").write_text(json.dumps([call_of(request) for request in requests]))
        self.cold(self.twin(function), event)
        ours, theirs = named(requests), named(self.stub.taken())
        if ours != theirs:
            print(f"{function}: other calls than its twin's: {ours - theirs} and {theirs - ours}", file=sys.stderr)
            sys.exit(2)
        return len(requests), answer


def wait(process: subprocess.Popen, invocations: runtime.Invocations) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if invocations.done.wait(0.2):
            return True
        if process.poll() is not None:
            return False
    return False


def said(answer: dict) -> str:
    """An answer's outcome or error, in a few words."""
    if "error" in answer:
        return answer["error"]["errorType"]
    previous = answer["answer"].get("previous") if isinstance(answer["answer"], dict) else None
    return f"{previous['outcome']} {previous['code']}".strip() if previous else "answered"


def measure(bench: Bench, functions: list[str], rounds: int) -> bool:
    prepared = {function: bench.prepare(function) for function in functions}
    times: dict[str, tuple[list[float], list[float]]] = {function: ([], []) for function in functions}
    for number in range(rounds):
        for function in functions:
            event = json.dumps(event_of(function)).encode()
            sides = list(zip((bench.native(function), bench.twin(function)), times[function], strict=True))
            # Whoever runs second finds a busier machine, or a warmer one.
            for side, found in sides if number % 2 else sides[::-1]:
                found.append(bench.cold(side, event)[0])
    bench.stub.taken()
    print(f"{'function':<22}{'calls':>6}{'ours, ms':>10}{'Python, ms':>12}{'ratio':>9}   the function's answer")
    slow = []
    for function, (ours, theirs) in times.items():
        one, other = median(ours), median(theirs)
        calls, answer = prepared[function]
        print(f"{function:<22}{calls:>6}{one:>10.1f}{other:>12.1f}{f'1/{other / one:.0f}':>9}   {said(answer)}")
        if one > other * LIMIT:
            slow.append(f"{function}: takes {one:.0f} ms, more than an eighth of Python's {other:.0f} ms")
    print(f"medians of {rounds} rounds")
    for sentence in slow:
        print(sentence, file=sys.stderr)
    return not slow


def main() -> int:
    options = argparse.ArgumentParser(description="Cold starts, beside a twin in Python")
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--binaries", type=Path, default=TARGET / "release")
    options.add_argument("functions", nargs="*", default=FUNCTIONS)
    chosen = options.parse_args()
    python = Path(os.environ["MMDR_TWIN_PYTHON"])
    return 0 if measure(Bench(chosen.binaries, python), chosen.functions, chosen.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
