//! The table of diagnoses, named by evidence. The first row whose predicate holds is the diagnosis.
//!
//! After orchestrator's and VTOrc's analysis tables: code, description, priority, predicate. Two rules come from
//! others' practice: with two places alone "lost" and "cut off" look the same (Patroni's documentation), and if nothing
//! at the other place is visible it may be a network cut (repmgr's location rule); hence the third Region.

use mmdr_core::deployment::{Approval, Policy};

use crate::Symptoms;

/// Whether a failover that a machine started may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automation {
    /// Never.
    No,
    /// Only where policy has a person answer first.
    IfAPersonIsAsked,
    /// Where enough vantages agree.
    Yes,
}

/// One named diagnosis.
pub struct Row {
    /// Its name, everywhere.
    pub code: &'static str,
    /// One sentence; `{subject}` and `{own}` stand for the Regions.
    pub description: &'static str,
    /// Place in the order: the lowest that holds is the diagnosis.
    pub priority: u32,
    /// When it holds.
    pub holds: fn(&Symptoms) -> bool,
    /// What it permits a machine.
    pub automation: Automation,
    /// Whether it permits a person who accepts nothing by name.
    pub person: bool,
    /// Whether a later look may turn it into a lost Region, because some witnesses are slower than others (a probe's
    /// last good answer and a stream's last value live on for minutes): it must stand longer before it is believed.
    pub ripens: bool,
}

impl Row {
    /// Whether it permits a machine's failover under `policy`: never while a witness sees a living writer, never below
    /// the number of vantages that policy asks for.
    pub fn permits_automation(&self, symptoms: &Symptoms, policy: &Policy) -> bool {
        let row = match self.automation {
            Automation::No => false,
            Automation::IfAPersonIsAsked => policy.approval != Approval::Never,
            Automation::Yes => true,
        };
        row && policy.machine_may_start_failover
            && !symptoms.writer_lives()
            && symptoms.vantages_failing() >= policy.witnesses_needed.max(1)
    }
}

const fn row(priority: u32, code: &'static str, description: &'static str, holds: fn(&Symptoms) -> bool) -> Row {
    Row { code, description, priority, holds, automation: Automation::No, person: false, ripens: false }
}

const fn ripens(row: Row) -> Row {
    Row { ripens: true, ..row }
}

const fn permits(automation: Automation, row: Row) -> Row {
    Row { automation, person: true, ..row }
}

/// Every diagnosis, in the order of priority.
pub const TABLE: &[Row] = &[
    row(10, "writer-here", "{own} is the writer already: there is nothing to fail over to", |s| s.writer_here),
    row(
        20,
        "caused-by-our-own-move",
        "a move is running; what the witnesses of {subject} see is explained by it",
        |s| s.moving,
    ),
    ripens(row(30, "blind", "no witness of {subject} says anything: cannot tell", Symptoms::nothing_seen)),
    ripens(row(40, "standby-unseen", "{own} cannot see its own database: it could not take over", |s| {
        !s.standby.healthy() && !s.standby.unhealthy()
    })),
    ripens(row(50, "standby-unhealthy", "{own} itself is not healthy: it could not take over", |s| {
        s.standby.unhealthy()
    })),
    row(60, "flapping", "the diagnosis of {subject} changes from look to look", |s| s.flapping),
    permits(
        Automation::Yes,
        row(
            70,
            "region-down",
            "{subject} is lost: {own} and a third Region both see it fail, and nothing in it answers",
            |s| s.lost_from_here() && s.third_probe.unhealthy() && !s.writer_lives(),
        ),
    ),
    permits(
        Automation::IfAPersonIsAsked,
        row(
            80,
            "region-unreachable",
            "{subject} is lost or cut off: its application and its database are silent, and no third Region says which",
            |s| s.lost_from_here() && s.database.unhealthy() && !s.third_probe.unhealthy() && !s.writer_lives(),
        ),
    ),
    ripens(row(
        90,
        "partition-seen-from-one-side",
        "{own} is cut off from {subject}: a third Region sees it work",
        |s| s.lost_from_here() && s.third_probe.healthy(),
    )),
    permits(
        Automation::No,
        ripens(row(
            100,
            "database-only",
            "{subject} lives and its database does not take writes: Aurora's own failover inside the Region comes first",
            |s| s.region_lives() && !s.writer_lives() && (s.database.unhealthy() || s.writes.unhealthy()),
        )),
    ),
    ripens(row(
        110,
        "standby-database-stale",
        "{subject} takes writes that no longer arrive in {own}: a failover now would lose them",
        |s| s.database.unhealthy() && s.writer_lives(),
    )),
    ripens(row(
        120,
        "application-only",
        "Mattermost in {subject} fails while its database replicates: mend it there, or switch over without loss",
        |s| {
            let fails = [s.own_probe, s.third_probe, s.answers].iter().any(|it| it.unhealthy());
            let works = [s.own_probe, s.third_probe, s.writes].iter().any(|it| it.healthy());
            s.database.healthy() && fails && !works
        },
    )),
    ripens(row(
        130,
        "third-vantage-only",
        "only the third Region sees {subject} fail; seen from {own} it works",
        |s| s.third_probe.unhealthy() && (s.own_probe.healthy() || s.writes.healthy()) && !s.own_probe.unhealthy(),
    )),
    ripens(row(
        140,
        "unseen-from-here",
        "others see {subject} fail and {own} sees nothing at all: it may be {own} that is cut off",
        |s| s.nothing_seen_from_here() && s.vantages_failing() >= 2,
    )),
    ripens(row(150, "one-vantage-only", "only one vantage sees {subject} fail, and the others say nothing", |s| {
        s.vantages_failing() == 1 && !s.writer_lives()
    })),
    ripens(row(
        160,
        "contradictory",
        "the witnesses contradict each other: some see {subject} work and some see it fail",
        |s| !s.nothing_fails() && (s.writer_lives() || s.region_lives()),
    )),
    row(170, "heartbeat-silent", "Mattermost in {subject} works; this product's own stack there is silent", |s| {
        s.heartbeat.unhealthy() && s.writer_lives()
    }),
    row(180, "dns-only", "{subject} works, and the public name does not lead there everywhere", |s| {
        s.dns.unhealthy() && s.writer_lives()
    }),
    row(190, "search-only", "{subject} works, and its search domain is red", |s| {
        s.search.unhealthy() && s.writer_lives()
    }),
    ripens(row(200, "healthy", "{subject} works", |s| s.writer_lives())),
    ripens(row(210, "unclear", "too little is seen of {subject} to say what is wrong", |_| true)),
];

/// The row that holds: the first one. The last row always holds.
pub fn diagnosis_of(symptoms: &Symptoms) -> &'static Row {
    let found = TABLE.iter().find(|row| (row.holds)(symptoms));
    found.unwrap_or(&LAST)
}

/// What is said if no row held; the last row of the table always does.
static LAST: Row = ripens(row(u32::MAX, "unclear", "too little is seen of {subject} to say what is wrong", |_| true));
