//! What people experience, as numbers: the report's chart, and what judges hold against the database.

/// Milliseconds of one point of a series.
pub const BUCKET_MS: i64 = 10_000;

/// What a person tries to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// To open a WebSocket.
    Connect,
    /// To post a message.
    Post,
    /// To search for an own message that should be found.
    Search,
    /// To upload a file.
    Upload,
    /// To schedule a post.
    Schedule,
}

/// Attempts of one kind, in points of [`BUCKET_MS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Those that worked.
    pub ok: Vec<u32>,
    /// Those that did not.
    pub failed: Vec<u32>,
}

/// A message (or file, or scheduled post) of which a person was told "saved".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Its row.
    pub row: u32,
    /// When.
    pub at: i64,
    /// Who.
    pub person: u32,
    /// What.
    pub kind: Kind,
}

/// What people experienced since the story began.
#[derive(Clone, Debug, Default)]
pub struct Experience {
    /// When the first point begins, in milliseconds since the epoch.
    pub from_ms: i64,
    /// Attempts by kind, in the order of [`Kind`].
    series: [Series; 5],
    /// Open sockets at the end of each point, as far as something changed; see [`Experience::sockets`].
    sockets: Vec<u32>,
    open: u32,
    /// Everything that was acknowledged, in order.
    pub acknowledged: Vec<Acknowledged>,
}

impl Experience {
    /// Begins at `now` with so many open sockets.
    pub(super) fn begin(now: i64, open: u32) -> Self {
        Self { from_ms: now, open, ..Self::default() }
    }

    fn bucket(&self, now: i64) -> usize {
        usize::try_from((now - self.from_ms) / BUCKET_MS).unwrap_or(0)
    }

    /// Counts one attempt.
    pub(super) fn attempt(&mut self, kind: Kind, worked: bool, now: i64) {
        let bucket = self.bucket(now);
        let Some(series) = self.series.get_mut(kind as usize) else { return };
        if series.ok.len() <= bucket {
            series.ok.resize(bucket + 1, 0);
            series.failed.resize(bucket + 1, 0);
        }
        let counted = if worked { series.ok.get_mut(bucket) } else { series.failed.get_mut(bucket) };
        if let Some(count) = counted {
            *count += 1;
        }
    }

    /// Notes how many sockets are open.
    pub(super) fn note_sockets(&mut self, open: u32, now: i64) {
        let bucket = self.bucket(now);
        // Points in which nothing changed keep the value before them.
        self.sockets.resize(self.sockets.len().max(bucket), self.open);
        match self.sockets.get_mut(bucket) {
            Some(point) => *point = open,
            None => self.sockets.push(open),
        }
        self.open = open;
    }

    /// Attempts of one kind.
    pub fn attempts(&self, kind: Kind) -> Option<&Series> {
        self.series.get(kind as usize)
    }

    /// How many attempts of one kind worked and how many did not.
    pub fn total(&self, kind: Kind) -> (u32, u32) {
        self.attempts(kind).map_or((0, 0), |series| (series.ok.iter().sum(), series.failed.iter().sum()))
    }

    /// Open sockets at the end of each point up to `now`.
    pub fn sockets(&self, now: i64) -> Vec<u32> {
        let mut points = self.sockets.clone();
        points.resize(points.len().max(self.bucket(now) + 1), self.open);
        points
    }

    /// How many sockets are open.
    pub fn open(&self) -> u32 {
        self.open
    }
}
