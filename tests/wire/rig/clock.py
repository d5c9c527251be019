"""One clock for the shells of the functions, the wire door, and the state machines' waits.

Real time and the rehearsal's agree until a scenario speeds them up; then every virtual second is `1 / scale` real ones.
Alarms, schedules and Task time-outs stay in real time.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

# Virtual seconds between two scenarios: longer than any window in which a function looks for metrics.
APART_S = 1200


class Clock:
    def __init__(self, path: Path):
        self.path = path
        self._real_ms = self._virtual_ms = int(time.time() * 1000)
        self.scale = 1.0
        self._first = True
        self._write()

    def restart(self, behind_s: float = 0) -> None:
        """The rehearsal's clock is so much behind the machine's, and has time to get ready.

        It never goes back: what the emulator keeps of an earlier scenario would lie in the future. A scenario after one that
        ran fast begins so much later that nothing of the earlier one is fresh any more.
        """
        reached = self.now_ms()
        self._real_ms = int(time.time() * 1000)
        begin = int(self._real_ms - behind_s * 1000)
        self._virtual_ms = begin if self._first else max(begin, reached + APART_S * 1000)
        self._first = False
        self.scale = 1.0
        self._write()

    def behind_ms(self) -> float:
        return time.time() * 1000 - self.now_ms()

    def run(self, scale: float) -> None:
        """From now on, at this speed."""
        now = self.now_ms()
        self._real_ms, self._virtual_ms, self.scale = int(time.time() * 1000), now, scale
        self._write()

    def now_ms(self) -> int:
        return int(self._virtual_ms + (time.time() * 1000 - self._real_ms) * self.scale)

    def _write(self) -> None:
        text = json.dumps({"real_ms": self._real_ms, "virtual_ms": self._virtual_ms, "scale": self.scale})
        new = self.path.with_suffix(".new")
        new.write_text(text)
        os.replace(new, self.path)
