//! The systemd unit that runs Mattermost, by `systemctl`.

use std::process::Command;

use mmdr_core::Time;
use mmdr_core::ports::NodeState;

/// What is asked of the unit.
const PROPERTIES: &str = "LoadState,ActiveState,SubState,NRestarts,MainPID,ExecMainStartTimestampMonotonic";
/// A process that serves nobody for so long after its start will not come up by itself, in seconds: an upgrade's
/// migrations take minutes.
const COMES_UP_S: i64 = 600;

/// A unit.
pub(crate) struct Unit {
    name: String,
}

/// What systemd knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UnitSeen {
    /// `ActiveState`.
    pub(crate) active: String,
    /// `SubState`.
    pub(crate) sub: String,
    /// `NRestarts`: automatic restarts since somebody started it.
    pub(crate) restarts: u32,
    /// `MainPID`; none where there is no process.
    pub(crate) process: Option<u32>,
    /// When its process was started last, in microseconds since the machine was.
    pub(crate) started_us: Option<u64>,
}

impl Unit {
    /// The unit of this name.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into() }
    }

    /// Asks systemd. Errors: one sentence.
    pub(crate) fn seen(&self) -> Result<UnitSeen, String> {
        let text = self.systemctl(&["show", "--property", PROPERTIES])?;
        let value = |name: &str| {
            let mut pairs = text.lines().filter_map(|line| line.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        if value("LoadState") != "loaded" {
            return Err(format!("--unit: expected a unit of systemd, found {:?} ({})", self.name, value("LoadState")));
        }
        let number = |name: &str| value(name).parse::<u64>().ok().filter(|number| *number > 0);
        let small = |name: &str| number(name).and_then(|number| u32::try_from(number).ok());
        Ok(UnitSeen {
            active: value("ActiveState"),
            sub: value("SubState"),
            restarts: small("NRestarts").unwrap_or(0),
            process: small("MainPID"),
            started_us: number("ExecMainStartTimestampMonotonic"),
        })
    }

    /// Starts it, and waits for nothing: the reporter tells what becomes of it, and a database that is not writable yet
    /// would keep the command waiting. A unit that has given up is given another chance.
    pub(crate) fn start(&self) -> Result<(), String> {
        // It fails where there is nothing to reset.
        let _ = self.systemctl(&["reset-failed"]);
        self.systemctl(&["start", "--no-block"]).map(drop)
    }

    /// Stops it and waits until it has stopped.
    pub(crate) fn stop(&self) -> Result<(), String> {
        self.systemctl(&["stop"]).map(drop)
    }

    fn systemctl(&self, arguments: &[&str]) -> Result<String, String> {
        let (name, asked) = (&self.name, arguments.join(" "));
        let output = Command::new("systemctl").args(arguments).arg("--").arg(name).output();
        let output = output.map_err(|error| format!("systemctl {asked} {name}: expected to run it, found {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("systemctl {asked} {name}: {}", said.lines().next().unwrap_or("it failed and said nothing")))
    }
}

impl UnitSeen {
    /// What the process does, with what it answers to a ping.
    pub(crate) fn state(&self, serves: bool, started_at: Option<Time>, now: Time) -> NodeState {
        match (self.active.as_str(), self.sub.as_str()) {
            ("active" | "reloading", _) if serves => NodeState::Running,
            ("active" | "reloading", _) if started_at.is_some_and(|at| now.since_s(at) > COMES_UP_S) => {
                NodeState::Broken
            }
            ("active" | "reloading", _) => NodeState::Starting,
            // Its process is there until it has stopped.
            ("deactivating", _) => NodeState::Running,
            (_, "auto-restart") => NodeState::RestartLoop,
            ("activating", _) if self.restarts > 0 => NodeState::RestartLoop,
            ("activating", _) => NodeState::Starting,
            // What failed for good, or did not stop gently, has no process either, and nobody starts one.
            _ => NodeState::Stopped,
        }
    }

    /// Exits in a row since it last served.
    pub(crate) fn exits(&self, state: NodeState) -> u32 {
        if state == NodeState::Running { 0 } else { self.restarts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemd_says_is_one_state_of_a_node() {
        let table = [
            ("active", "running", 0, true, NodeState::Running),
            ("active", "running", 3, true, NodeState::Running),
            ("active", "running", 0, false, NodeState::Starting),
            ("activating", "start", 0, false, NodeState::Starting),
            ("activating", "start-pre", 0, false, NodeState::Starting),
            ("activating", "auto-restart", 0, false, NodeState::RestartLoop),
            ("activating", "start", 7, false, NodeState::RestartLoop),
            ("deactivating", "stop-sigterm", 0, false, NodeState::Running),
            ("inactive", "dead", 2, false, NodeState::Stopped),
            ("failed", "failed", 5, false, NodeState::Stopped),
        ];
        for (active, sub, restarts, serves, state) in table {
            let seen = UnitSeen { active: active.into(), sub: sub.into(), restarts, ..UnitSeen::default() };
            assert_eq!(seen.state(serves, Some(Time(0)), Time(60_000)), state, "{active} {sub}");
        }
    }

    #[test]
    fn a_process_that_serves_nobody_for_long_is_broken() {
        let seen = UnitSeen { active: "active".into(), sub: "running".into(), ..UnitSeen::default() };
        assert_eq!(seen.state(false, Some(Time(0)), Time(0).plus_s(COMES_UP_S + 1)), NodeState::Broken);
    }
}
