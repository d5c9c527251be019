"""Builds functions as they are deployed, for arm64, and weighs their zips. Ends with 1 where one is too heavy.

    zips.py start-move check-readiness
    zips.py --all
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = sorted(folder.name for folder in (ROOT / "functions").iterdir() if (folder / "Cargo.toml").is_file())
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROCESSOR = "aarch64-unknown-linux-gnu"

# A zip is loaded over the network at each cold start, and cold is how most functions here are met: a move is rare.
LIMIT = 3_000_000
# Looks at everything that a move needs, so that nearly every adapter is in it.
LIMITS = {"check-readiness": 5_000_000}


def build(functions: list[str]) -> None:
    """Each binary is optimised as a whole, which takes longest; everything before that is built once for all of them."""
    subprocess.run(["rustup", "--quiet", "target", "add", PROCESSOR], cwd=ROOT, check=True)
    command = ["cargo", "lambda", "build", "--quiet", "--release", "--arm64", "--output-format", "zip"]
    for function in functions:
        command += ["--package", function]
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"PATH": f"{tools()}:{os.environ['PATH']}"})


def tools() -> Path:
    """Beside the Python that runs this: cargo-lambda and zig come from the same list of packages."""
    return Path(sys.executable).parent


def zip_of(function: str) -> Path:
    return TARGET / "lambda" / function / "bootstrap.zip"


def too_heavy(sizes: dict[str, int]) -> list[str]:
    """A sentence for each zip above its limit."""
    limits = {function: LIMITS.get(function, LIMIT) for function in sizes}
    return [
        f"{function}: the zip has {size:,} bytes, and its limit is {limits[function]:,}"
        for function, size in sizes.items()
        if size > limits[function]
    ]


def main(arguments: list[str]) -> int:
    functions = FUNCTIONS if arguments == ["--all"] else arguments
    unknown = [name for name in functions if name not in FUNCTIONS]
    if unknown or not functions:
        print(f"expected --all or names of functions, found {' '.join(unknown) or 'nothing'}", file=sys.stderr)
        return 2
    began = time.monotonic()
    for function in functions:
        # What an earlier build left is not what is weighed.
        zip_of(function).unlink(missing_ok=True)
    build(functions)
    sizes = {function: zip_of(function).stat().st_size for function in functions}
    for function, size in sorted(sizes.items(), key=lambda it: -it[1]):
        print(f"{function:<22}{size:>12,} bytes   {size / LIMITS.get(function, LIMIT):>5.0%} of its limit")
    print(f"{len(sizes)} zips for arm64, built in {time.monotonic() - began:.0f} s")
    for sentence in (found := too_heavy(sizes)):
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
