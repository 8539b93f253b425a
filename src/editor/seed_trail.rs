//! The seeds that came up, to go back and forward through.

/// The seeds seen, to go back and forward through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedTrail {
    seeds: Vec<u64>,
    position: usize,
}

impl SeedTrail {
    /// A trail that begins here.
    pub fn new(seed: u64) -> Self {
        Self { seeds: vec![seed], position: 0 }
    }

    /// A seed came up: it follows the current one, and what was ahead is forgotten.
    pub(super) fn visit(&mut self, seed: u64) {
        if self.seeds[self.position] != seed {
            self.seeds.truncate(self.position + 1);
            self.seeds.push(seed);
            self.position += 1;
        }
    }

    /// Whether there is a seed before.
    pub fn can_go_back(&self) -> bool {
        self.position > 0
    }

    /// Whether there is a seed after.
    pub fn can_go_forward(&self) -> bool {
        self.position + 1 < self.seeds.len()
    }

    /// The seeds seen, newest first, and whether each is the current one.
    pub fn recent(&self) -> impl Iterator<Item = (u64, bool)> {
        self.seeds.iter().enumerate().rev().map(|(index, &seed)| (seed, index == self.position))
    }

    pub(super) fn step(&mut self, forward: bool) -> Option<u64> {
        if forward && self.can_go_forward() {
            self.position += 1;
        } else if !forward && self.can_go_back() {
            self.position -= 1;
        } else {
            return None;
        }
        Some(self.seeds[self.position])
    }
}
