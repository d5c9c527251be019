"""One clock for the shells of the functions, the wire door, and the state machines' waits.

Real time and the rehearsal's agree until a scenario speeds them up; then every virtual second is `1 / scale` real ones.
Alarms, schedules and Task time-outs stay in real time.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path


class Clock:
    def __init__(self, path: Path):
        self.path = path
        self._real_ms = self._virtual_ms = 0
        self.scale = 1.0
        self.restart()

    def restart(self, behind_s: float = 0) -> None:
        """Both clocks agree again; or the rehearsal's is so much behind, and has time to get ready."""
        self._real_ms = int(time.time() * 1000)
        self._virtual_ms = int(self._real_ms - behind_s * 1000)
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
