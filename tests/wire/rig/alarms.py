"""The alarm on a lost Region: at rest, and set off by what probes say."""

from __future__ import annotations

from .document import EAST, NAME, THIRD, WEST


class LostAlarm:
    """The alarm in the Region `seen_from` on the loss of the other one."""

    def __init__(self, rehearsal, seen_from: str):
        self.rehearsal, self.seen_from = rehearsal, seen_from
        self.subject = WEST if seen_from == EAST else EAST
        self.name = f"mmdr-{NAME}-lost-{self.subject}"

    def acts(self, acts: bool) -> None:
        """Whether it may start anything."""
        client = self.rehearsal.behind.client("cloudwatch", self.seen_from)
        (client.enable_alarm_actions if acts else client.disable_alarm_actions)(AlarmNames=[self.name])

    def state(self) -> str:
        return self.rehearsal.behind.alarm(self.seen_from, self.name)

    def at_rest(self) -> None:
        """The last minutes' probes were good, and from now on it may act."""
        self.probes(1.0)
        self.rehearsal.until("an alarm at rest", lambda: self.state() == "OK")
        self.acts(True)

    def probes(self, value: float) -> None:
        """The last minutes' probes of the subject, from here and from the witness, as if they had been made in time."""
        now = self.rehearsal.clock.now_ms()
        dimensions = {"Deployment": NAME, "Subject": self.subject}
        self.rehearsal.feeder.publish([
            {"region": vantage, "namespace": "MattermostDR", "metric": "RegionHealthy", "value": value,
             "dimensions": dimensions, "at_ms": now - ago_s * 1000}
            for vantage in (self.seen_from, THIRD)
            for ago_s in (240, 180, 120, 60, 0)
        ])  # fmt: skip
