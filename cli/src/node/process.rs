//! What Linux knows of a process: when it was started, with which environment, and its connections.

use std::fs;

use mmdr_core::Time;
use mmdr_core::ports::JobFlags;

/// An established connection in `/proc/net/tcp` (proc(5)).
const ESTABLISHED: &str = "01";

/// The time of a moment that is given in microseconds since the machine was started.
pub(crate) fn time_of(us: u64, now: Time) -> Option<Time> {
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let uptime_s: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let ago_ms = uptime_s * 1_000.0 - us as f64 / 1_000.0;
    Some(Time(now.0 - ago_ms as i64))
}

/// The job flags that a process read at its start. None: nobody may see its environment, or it has none of ours and none
/// of Mattermost's.
pub(crate) fn started_with(process: u32) -> Option<JobFlags> {
    let environment = fs::read(format!("/proc/{process}/environ")).ok()?;
    let text = String::from_utf8_lossy(&environment).replace('\0', "\n");
    mmdr_aws::flags_in(&text).ok()
}

/// Established connections to a local port. Whoever keeps a connection to ask again counts too, so that it is never too few.
pub(crate) fn connections(port: u16) -> u32 {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let count = tables.iter().flat_map(|table| table.lines().skip(1)).filter(|line| leads_to(line, port)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn leads_to(line: &str, port: u16) -> bool {
    let mut fields = line.split_whitespace();
    let local = fields.nth(1).and_then(|local| local.rsplit(':').next()).unwrap_or_default();
    let state = fields.nth(1).unwrap_or_default();
    u16::from_str_radix(local, 16) == Ok(port) && state == ESTABLISHED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_counts_where_it_is_established_and_leads_to_the_port() {
        let line = "   1: 0100007F:1F81 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 1 1";
        assert!(leads_to(line, 8065));
        assert!(!leads_to(line, 8067) && !leads_to(&line.replace(" 01 ", " 0A "), 8065));
    }

    #[test]
    fn a_process_says_with_which_flags_it_was_started() {
        let mut child = std::process::Command::new("sleep")
            .arg("30")
            .env_clear()
            .env("MM_JOBSETTINGS_RUNJOBS", "false")
            .env("MMDR_EPOCH", "7")
            .spawn()
            .unwrap();
        // The environment is that of the new program only once it was begun.
        let until = std::time::Instant::now() + std::time::Duration::from_secs(5);
        let mut found = None;
        while std::time::Instant::now() < until && found.is_none_or(|it: JobFlags| it.epoch.0 != 7) {
            found = started_with(child.id());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let found = found.unwrap();
        assert_eq!((found.run_jobs, found.run_scheduler, found.epoch.0), (false, true, 7));
    }
}
