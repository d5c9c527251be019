//! Route 53 and resolvers: what the public name answers, and to whom.
//!
//! Two failover records; a health check for each Region's take-over flag; the PRIMARY record is watched by the other
//! Region's flag. Health checks and answers are data plane and global; records are control plane in us-east-1 (AWS
//! whitepaper "AWS Fault Isolation Boundaries"), which the door checks.

use mmdr_core::ports::{FlagSeen, RecordsSeen, ResolverSeen};
use mmdr_core::{Deployment, Fault, Region, Time};

use super::setup::Setup;
use super::{Ctx, Model};
use crate::network::{Ix, OUTSIDE};
use crate::news::News;

/// How many resolvers there are: two in each of three vantages (Region 0, Region 1, outside).
pub const RESOLVERS: usize = 6;
/// How far back a reader of a metric looks.
pub const WINDOW_MS: i64 = 15 * 60_000;
/// Three missing minutes make an alarm on a 60 s metric INSUFFICIENT_DATA (CloudWatch guide, alarms and missing data).
const MISSING_MS: i64 = 180_000;

/// The failover records of the public name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Records {
    /// The Region of the PRIMARY record.
    primary: Ix,
    /// The Region whose flag its health check watches.
    flag_region: Ix,
}

/// The last data point of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flag {
    taken_over: bool,
    at: i64,
    /// Since when every data point has said the same.
    since: i64,
}

/// Records, flags, health checks and caches.
#[derive(Debug)]
pub struct Dns {
    /// As the control plane has them.
    records: Records,
    /// As Route 53's servers answer by: a change takes until INSYNC.
    served: Records,
    /// Last data point of each Region's flag.
    flags: [Option<Flag>; 2],
    /// What Route 53 believes of each flag.
    believed: [bool; 2],
    /// Whether a look of Route 53 at the flag is on the agenda.
    looking: [bool; 2],
    /// What the servers answered last.
    answer: Ix,
    /// The resolvers' caches: Region and until when.
    caches: [(Ix, i64); RESOLVERS],
    ttl_ms: i64,
    overstay_ms: i64,
    evaluation_ms: i64,
    keeps_last_status: bool,
}

impl Dns {
    /// Armed: PRIMARY is the writer, and its health check watches the other Region's flag.
    pub fn at_peace(writer: Ix, setup: &Setup, deployment: &Deployment, now: i64) -> Self {
        let ttl_ms = i64::from(deployment.dns.ttl_s) * 1_000;
        // Before anybody armed it, the PRIMARY record is watched by its own Region's flag: a flip would not work.
        let flag_region = if setup.protected { 1 - writer.min(1) } else { writer };
        let records = Records { primary: writer, flag_region };
        let mut caches = [(writer, now); RESOLVERS];
        for (number, cache) in caches.iter_mut().enumerate() {
            cache.1 = now + ttl_ms * (number as i64) / RESOLVERS as i64;
        }
        let flag = setup.protected.then_some(Flag { taken_over: false, at: now - 20_000, since: now - 86_400_000 });
        Self {
            records,
            served: records,
            flags: [flag; 2],
            // A new health check starts healthy (Route 53 guide, how health is determined).
            believed: [false; 2],
            looking: [false; 2],
            answer: writer,
            caches,
            ttl_ms,
            overstay_ms: setup.dns_overstay_s * 1_000,
            evaluation_ms: setup.dns_evaluation_s * 1_000,
            keeps_last_status: setup.dns_keeps_last_status,
        }
    }

    /// The Region that a client of this resolver (0 to 5, taken modulo) connects to, from the resolver's cache.
    pub fn resolve(&mut self, resolver: usize, now: i64) -> Ix {
        let answer = self.answer;
        let number = resolver % RESOLVERS;
        // One resolver keeps answers longer than it should, where the story says so.
        let kept_ms = self.ttl_ms + if number == RESOLVERS - 1 { self.overstay_ms } else { 0 };
        let Some(cache) = self.caches.get_mut(number) else { return answer };
        if now >= cache.1 {
            *cache = (answer, now + kept_ms);
        }
        cache.0
    }

    /// What Route 53's own servers answer now.
    pub fn answer(&self) -> Ix {
        self.answer
    }

    /// ListResourceRecordSets and GetHealthCheck.
    pub fn records(&self, regions: &[Region; 2]) -> Result<RecordsSeen, Fault> {
        match (regions.get(self.records.primary), regions.get(self.records.flag_region)) {
            (Some(primary), Some(flag_region)) => Ok(RecordsSeen {
                primary: primary.clone(),
                flag_region: flag_region.clone(),
                keeps_last_status: self.keeps_last_status,
                ttl_s: (self.ttl_ms / 1_000) as u32,
                unmoved: Vec::new(),
            }),
            _ => Err(Fault::NotFound("NoSuchHostedZone".into())),
        }
    }

    /// GetMetricData of a Region's flag: its last data point of the last 15 minutes.
    pub fn flag(&self, region: Ix, now: i64) -> Option<FlagSeen> {
        let Flag { taken_over, at, since } = (*self.flags.get(region)?)?;
        (now - at <= WINDOW_MS).then_some(FlagSeen { taken_over, at: Time(at), since: Some(Time(since)) })
    }

    fn answer_by_records(&self) -> Ix {
        let Records { primary, flag_region } = self.served;
        if self.believed.get(flag_region).copied().unwrap_or(false) { 1 - primary.min(1) } else { primary }
    }

    /// Answers by what is served and believed, and tells when that is new.
    fn settle(&mut self, by_us: bool, ctx: &mut Ctx<'_>) {
        let to = self.answer_by_records();
        if to != self.answer {
            self.answer = to;
            ctx.news.push(News::PublicName { to, by_us });
        }
    }
}

/// What Route 53 does by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The health check looks at the flag of a Region.
    Look(Ix),
    /// The servers answer by the records as they were changed last.
    InSync {
        /// Whether our call changed them.
        by_us: bool,
    },
    /// Three minutes have passed since a data point of this Region's flag.
    Missing(Ix),
}

/// Schedules what happens by itself.
pub fn begin(model: &mut Model, ctx: &mut Ctx<'_>) {
    if !model.dns.keeps_last_status {
        watch_for_silence(0, ctx);
        watch_for_silence(1, ctx);
    }
}

/// PutMetricData of a Region's flag.
pub fn publish_flag(model: &mut Model, region: Ix, taken_over: bool, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    let dns = &mut model.dns;
    let Some(flag) = dns.flags.get_mut(region) else { return Err(Fault::NotFound("no such Region".into())) };
    let since = flag.filter(|last| last.taken_over == taken_over).map_or(ctx.now, |last| last.since);
    *flag = Some(Flag { taken_over, at: ctx.now, since });
    look_later(dns, region, ctx);
    if !dns.keeps_last_status {
        watch_for_silence(region, ctx);
    }
    Ok(())
}

/// ChangeResourceRecordSets: UPSERT of both records in one batch. INSYNC generally within 60 s (GetChange).
pub fn exchange_records(model: &mut Model, primary: Ix, by_us: bool, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    if primary > 1 {
        return Err(Fault::Refused("InvalidChangeBatch: the address is none of this Deployment's".into()));
    }
    model.dns.records = Records { primary, flag_region: 1 - primary };
    let at_ms = ctx.now + ctx.random.between(5_000, 45_000);
    ctx.timers.model(at_ms, super::Timer::Dns(Timer::InSync { by_us }));
    Ok(())
}

/// DNS queries from `vantage` to every resolver that answers there: its own, the public ones, and the other Region's.
pub fn resolvers(model: &mut Model, vantage: Ix, ctx: &Ctx<'_>) -> Vec<ResolverSeen> {
    let mut seen = Vec::with_capacity(RESOLVERS);
    for number in 0..RESOLVERS {
        let stands_in = number / 2;
        if !ctx.network.reaches(vantage, stands_in) {
            continue;
        }
        let to = model.dns.resolve(number, ctx.now);
        let place = if stands_in == OUTSIDE { "public" } else { model.name(stands_in) };
        if let Some(region) = model.regions.get(to) {
            seen.push(ResolverSeen { vantage: format!("{place}-{}", number % 2 + 1), region: Some(region.clone()) });
        }
    }
    seen
}

/// Does what the agenda says.
pub fn handle(model: &mut Model, timer: &Timer, ctx: &mut Ctx<'_>) {
    let dns = &mut model.dns;
    match *timer {
        Timer::Look(region) => look(dns, region, ctx),
        Timer::InSync { by_us } => {
            dns.served = dns.records;
            dns.settle(by_us, ctx);
        }
        Timer::Missing(region) => {
            let silent = !matches!(dns.flags.get(region), Some(Some(flag)) if ctx.now - flag.at < MISSING_MS);
            // `InsufficientDataHealthStatus: Unhealthy`: silence of the flag's Region reads as "taken over" (Route 53
            // API, HealthCheckConfig).
            if let (true, Some(believed)) = (silent, dns.believed.get_mut(region)) {
                *believed = true;
                dns.settle(true, ctx);
            }
        }
    }
}

/// Route 53 reads the metric's stream. While the flag's Region is dark it keeps its last status (`LastKnownStatus`).
fn look(dns: &mut Dns, region: Ix, ctx: &mut Ctx<'_>) {
    if let Some(looking) = dns.looking.get_mut(region) {
        *looking = false;
    }
    if !ctx.network.reaches(OUTSIDE, region) {
        return;
    }
    if let (Some(Some(flag)), Some(believed)) = (dns.flags.get(region), dns.believed.get_mut(region)) {
        *believed = flag.taken_over;
        dns.settle(true, ctx);
    }
}

fn look_later(dns: &mut Dns, region: Ix, ctx: &mut Ctx<'_>) {
    let flag = dns.flags.get(region).copied().flatten();
    let news = flag.is_some_and(|flag| dns.believed.get(region) != Some(&flag.taken_over));
    let Some(looking) = dns.looking.get_mut(region) else { return };
    if news && !*looking {
        *looking = true;
        let least = dns.evaluation_ms * 2 / 3;
        let at_ms = ctx.now + ctx.random.between(least, dns.evaluation_ms + dns.evaluation_ms / 3);
        ctx.timers.model(at_ms, super::Timer::Dns(Timer::Look(region)));
    }
}

fn watch_for_silence(region: Ix, ctx: &mut Ctx<'_>) {
    ctx.timers.model(ctx.now + MISSING_MS, super::Timer::Dns(Timer::Missing(region)));
}

#[cfg(test)]
mod tests;
