//! The world's only source of chance: splitmix64, so that a seed tells the same story on every machine.

/// A seeded generator.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that gives the same numbers for the same seed, for ever.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both included; `least` where `most` is smaller.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        if most <= least {
            return least;
        }
        let span = most.abs_diff(least).wrapping_add(1);
        if span == 0 { least } else { least.wrapping_add((self.bits() % span) as i64) }
    }

    /// True in `parts` of 1,000 cases.
    pub fn chance(&mut self, parts: u64) -> bool {
        self.bits() % 1_000 < parts
    }

    /// A generator of its own for one part of the world, so that a change in one part leaves the others' chance alone.
    pub fn branch(&self, name: &str) -> Self {
        let mixed = name.bytes().fold(self.0 ^ 0xCBF2_9CE4_8422_2325, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        let mut branch = Self(mixed);
        branch.bits();
        branch
    }
}
