//! Repositories of the synthetic world and their popularity.

use super::names::{FAVOURITES, NAMESPACES, ROLES, SUBJECTS, TYPOS};
use super::rng::{Rng, mix};
use super::world::{Text, field};

/// Number of repositories that exist; typos come after them.
pub(super) const REPOSITORIES: u16 = 3000;
pub(super) struct Repository {
    /// `,"namespace":…,"repo":…,"namespace_repo":…`.
    pub(super) name: Text,
    /// Seed of its digests and tags.
    pub(super) key: u64,
    /// Index of the namespace.
    pub(super) namespace: u8,
    pub(super) layers: u8,
    /// True if its images are multi-platform indexes.
    pub(super) multi: bool,
    /// True if it has the tag `latest`.
    pub(super) latest: bool,
    /// Number of tags before the first event.
    pub(super) tags: u32,
}

/// All repositories, typos last. The index of a repository is its rank.
pub(super) fn repositories(rng: &mut Rng) -> Vec<Repository> {
    let mut names: Vec<String> = FAVOURITES.iter().map(|&name| name.to_owned()).collect();
    let mut made: Vec<String> = Vec::new();
    for namespace in NAMESPACES {
        for n in 0..75_u32 {
            let subject = SUBJECTS[(n % 25) as usize];
            let role = ROLES[(rng.below(4) + n / 25 * 4) as usize];
            made.push(format!("{namespace}/{subject}-{role}"));
        }
    }
    for at in (1..made.len()).rev() {
        made.swap(at, rng.below(at as u32 + 1) as usize);
    }
    names.append(&mut made);
    names.truncate(usize::from(REPOSITORIES));
    names.extend(TYPOS.iter().map(|&name| name.to_owned()));
    names.iter().map(|name| repository(rng, name)).collect()
}

fn repository(rng: &mut Rng, full: &str) -> Repository {
    let (namespace, repo) = full
        .split_once('/')
        .expect("every name above has one slash");
    let name = [
        field("namespace", namespace),
        field("repo", repo),
        field("namespace_repo", full),
    ]
    .concat();
    let key = mix(rng.next(), 1);
    Repository {
        name: name.into(),
        key,
        namespace: NAMESPACES.iter().position(|n| *n == namespace).unwrap_or(0) as u8,
        layers: 3 + (key % 8) as u8,
        multi: (key >> 8).is_multiple_of(8),
        latest: key.is_multiple_of(4),
        tags: 20 + (key >> 16) as u32 % 380,
    }
}

/// Zipf with exponent one, in integers: the share of rank `r` is proportional to `1 / (r + 1)`.
pub(super) fn popularity() -> Vec<u16> {
    const ENTRIES: u64 = 1 << 16;
    let weight = |rank: u16| (1_u64 << 32) / (u64::from(rank) + 1);
    let all: u64 = (0..REPOSITORIES).map(weight).sum();
    let mut table = Vec::with_capacity(ENTRIES as usize);
    let mut sum = 0;
    for rank in 0..REPOSITORIES {
        sum += weight(rank);
        while (table.len() as u64) < ENTRIES * sum / all {
            table.push(rank);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn popularity_is_steep_and_reaches_far_down() {
        let table = popularity();
        assert_eq!(table.len(), 1 << 16);
        let first = table.iter().filter(|rank| **rank == 0).count();
        let tenth = table.iter().filter(|rank| **rank == 9).count();
        assert!((9..=11).contains(&(first / tenth)), "{first} {tenth}");
        assert!(table.contains(&2900));
    }
}
