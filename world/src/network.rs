//! Who reaches whom: dark Regions and partitions.

/// Index of a Region in the world: 0 and 1 are the Deployment's, 2 is everything else (a third Region, the internet).
pub type Ix = usize;

/// A vantage outside both Regions.
pub const OUTSIDE: Ix = 2;

/// Which parts of the world can talk to each other.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Regions that answer nothing at all.
    dark: [bool; 3],
    /// Pairs that lose every packet between them, lower index first.
    cut: Vec<(Ix, Ix)>,
    /// Whether the control planes that live in us-east-1 answer.
    pub us_east_1_control: bool,
}

impl Network {
    /// Everything reaches everything.
    pub fn whole() -> Self {
        Self { dark: [false; 3], cut: Vec::new(), us_east_1_control: true }
    }

    /// Whether a packet from `from` arrives at `to` and its answer comes back.
    pub fn reaches(&self, from: Ix, to: Ix) -> bool {
        !self.is_dark(from) && !self.is_dark(to) && !self.cut.contains(&(from.min(to), from.max(to)))
    }

    /// Whether the Region answers nothing.
    pub fn is_dark(&self, region: Ix) -> bool {
        self.dark.get(region).copied().unwrap_or(false)
    }

    /// Makes the Region dark, or lights it again.
    pub fn set_dark(&mut self, region: Ix, dark: bool) {
        if let Some(state) = self.dark.get_mut(region) {
            *state = dark;
        }
    }

    /// Cuts or mends the path between two places.
    pub fn set_cut(&mut self, one: Ix, other: Ix, cut: bool) {
        let pair = (one.min(other), one.max(other));
        self.cut.retain(|known| *known != pair);
        if cut {
            self.cut.push(pair);
        }
    }
}
