//! Chance for tests: repeatable numbers, damage, and targets that run with them again and again.
//!
//! Each target runs a fixed number of executions from a fixed seed. `REGTRAIL_FUZZ_SECONDS=600` runs each for that long
//! from the seed `REGTRAIL_FUZZ_SEED` (default: the time), and says how many executions that were; a failure
//! names the seed.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant, SystemTime};

/// Numbers by chance: splitmix64.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Changes bytes: some replaced, cut out, doubled, or with `pieces` put between. The first `spared` bytes stay.
    pub(crate) fn damage(&mut self, bytes: &mut Vec<u8>, spared: usize, pieces: &[&[u8]]) {
        for _ in 0..=self.below(3) {
            if bytes.len() <= spared {
                return;
            }
            let at = spared + self.below(bytes.len() - spared);
            let to = (at + self.below(40)).min(bytes.len());
            match self.below(6) {
                0 => bytes[at] = self.next() as u8,
                1 => bytes[at] ^= 1 << self.below(8),
                2 => drop(bytes.drain(at..to)),
                3 => {
                    let copy = bytes[at..to].to_vec();
                    let into = spared + self.below(bytes.len() - spared);
                    bytes.splice(into..into, copy);
                }
                4 => bytes.truncate(at),
                _ => {
                    let piece = self.pick(pieces).to_vec();
                    let end = if self.below(2) == 0 { at } else { to };
                    bytes.splice(at..end, piece);
                }
            }
        }
    }
}

/// Runs a target again and again, see above.
pub(crate) fn fuzz(name: &str, executions: u64, mut target: impl FnMut(&mut Chance)) {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seconds = number("REGTRAIL_FUZZ_SECONDS");
    let now = || {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |since| since.as_nanos() as u64)
    };
    let first = match (number("REGTRAIL_FUZZ_SEED"), seconds) {
        (Some(seed), _) => seed,
        (None, Some(_)) => now(),
        (None, None) => 1,
    };
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut done = 0;
    while end.map_or(done < executions, |end| Instant::now() < end) {
        let seed = first.wrapping_add(done);
        let run = catch_unwind(AssertUnwindSafe(|| target(&mut Chance(seed))));
        if let Err(panic) = run {
            eprintln!("{name}: fails with REGTRAIL_FUZZ_SEED={seed}");
            resume_unwind(panic);
        }
        done += 1;
    }
    assert!(done > 0);
    if seconds.is_some() {
        eprintln!("{name}: {done} executions");
    }
}
