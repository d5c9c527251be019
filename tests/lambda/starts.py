"""Starts functions as they are deployed, on an emulated arm64 processor: each takes its event from Lambda's runtime API, asks a
stub of AWS for what it looks at, and answers. Ends with 1 where one does not.

    starts.py start-move check-readiness
    starts.py --all

After zips.py, which builds them. Needs qemu-aarch64 and an arm64 C library in MMDR_ARM64 (Debian's qemu-user, libc6-arm64-cross).
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from pathlib import Path

from cold_start import Bench, Side, said
from events import event_of
from zips import FUNCTIONS, TARGET, zip_of

ARM64 = os.environ.get("MMDR_ARM64", "/usr/aarch64-linux-gnu")


def unlike_lambda(answer: dict, asked: int) -> str | None:
    """What is wrong with an answer. An error with a name of ours is as good as any: the stub denies nearly everything."""
    if not asked:
        return "it asked AWS for nothing"
    kind = answer.get("error", {}).get("errorType", "")
    return None if not kind or kind.startswith("Dr.") else f"it ended with {kind}"


def main(arguments: list[str]) -> int:
    functions = FUNCTIONS if arguments == ["--all"] else arguments
    bench = Bench(TARGET, Path(sys.executable))
    found = []
    for function in functions:
        with zipfile.ZipFile(zip_of(function)) as zipped:
            binary = Path(zipped.extract("bootstrap", bench.folder / function))
        binary.chmod(0o755)
        side = Side(["qemu-aarch64", "-L", ARM64, str(binary)], bench.env(function, {}))
        _, answer = bench.cold(side, json.dumps(event_of(function)).encode())
        asked = len(bench.stub.taken())
        print(f"{function:<22}{asked:>4} calls   {said(answer)}")
        if wrong := unlike_lambda(answer, asked):
            found.append(f"{function}: {wrong}")
    print(f"{len(functions)} functions started on an emulated arm64 processor")
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found or not functions else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
