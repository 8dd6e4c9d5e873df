//! Combinations of values, as ordinals, with their counts. One combination takes about 100 bytes, since a log may have
//! a million of them.

use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::group::USERS;
use crate::index::Ordinal;
use crate::model::time::Nanos;

/// Counts of one combination.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) failed: u64,
    pub(super) forbidden: u64,
    /// Times of the oldest and newest event. `first` is after `last` if no event has a time.
    first: Nanos,
    last: Nanos,
    /// Times of the first 403 and of the last 2xx.
    first_forbidden: Nanos,
    last_ok: Nanos,
    /// The first user; most combinations have only one.
    user: Option<Ordinal>,
    more_users: Box<[Ordinal]>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            count: 0,
            failed: 0,
            forbidden: 0,
            first: Nanos::MAX,
            last: Nanos::MIN,
            first_forbidden: Nanos::MAX,
            last_ok: Nanos::MIN,
            user: None,
            more_users: Box::default(),
        }
    }
}

impl Tally {
    /// Counts an event.
    pub(super) fn event(&mut self, time: Option<Nanos>, failed: bool) {
        self.count += 1;
        self.failed += u64::from(failed);
        if let Some(time) = time {
            self.first = self.first.min(time);
            self.last = self.last.max(time);
        }
    }

    pub(super) fn user(&mut self, user: Ordinal) {
        match self.user {
            None => self.user = Some(user),
            Some(known) if known == user || self.more_users.contains(&user) => {}
            Some(_) if self.users() < USERS => {
                let more = self.more_users.iter().copied().chain([user]);
                self.more_users = more.collect();
            }
            Some(_) => {}
        }
    }

    pub(super) fn forbidden(&mut self, time: Option<Nanos>) {
        self.forbidden += 1;
        self.first_forbidden = self.first_forbidden.min(time.unwrap_or(Nanos::MAX));
    }

    pub(super) fn admitted(&mut self, time: Option<Nanos>) {
        self.last_ok = self.last_ok.max(time.unwrap_or(Nanos::MIN));
    }

    /// Returns the number of users, counted up to [`USERS`].
    pub(super) fn users(&self) -> u8 {
        u8::from(self.user.is_some()) + self.more_users.len() as u8
    }

    /// Returns true if a 2xx came after the first 403.
    pub(super) fn is_admitted(&self) -> bool {
        self.first_forbidden < self.last_ok
    }

    /// Returns the oldest and newest time, or `None` if no event has one.
    pub(super) fn span(&self) -> Option<(Nanos, Nanos)> {
        (self.first <= self.last).then_some((self.first, self.last))
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.failed += other.failed;
        self.forbidden += other.forbidden;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.first_forbidden = self.first_forbidden.min(other.first_forbidden);
        self.last_ok = self.last_ok.max(other.last_ok);
        let users = other.user.iter().chain(&other.more_users);
        users.for_each(|user| self.user(*user));
    }
}

/// Combinations in order of first occurrence.
#[derive(Debug)]
pub(super) struct Combinations {
    /// Number of ordinals in a combination: one per field.
    width: usize,
    /// The combinations, concatenated.
    keys: Vec<Ordinal>,
    tallies: Vec<Tally>,
    places: HashTable<u32>,
    hasher: RandomState,
}

impl Combinations {
    pub(super) fn of(width: usize) -> Self {
        Self {
            width,
            keys: Vec::new(),
            tallies: Vec::new(),
            places: HashTable::new(),
            hasher: RandomState::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tallies.len()
    }

    /// Returns the counts of a combination, empty if it is new.
    pub(super) fn at(&mut self, key: &[Ordinal]) -> &mut Tally {
        let hash = self.hasher.hash_one(key);
        let found = self.places.find(hash, |place| self.key(*place) == key);
        let place = found.copied().unwrap_or_else(|| {
            let place = self.tallies.len() as u32;
            self.keys.extend_from_slice(key);
            self.tallies.push(Tally::default());
            let (keys, width, hasher) = (&self.keys, self.width, &self.hasher);
            self.places.insert_unique(hash, place, |place| {
                hasher.hash_one(key_of(keys, width, *place))
            });
            place
        });
        &mut self.tallies[place as usize]
    }

    fn key(&self, place: u32) -> &[Ordinal] {
        key_of(&self.keys, self.width, place)
    }

    /// Adds the counts of another set.
    pub(super) fn add(&mut self, other: &Self) {
        for (key, tally) in other.iter() {
            self.at(key).add(tally);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&[Ordinal], &Tally)> {
        let places = (0..).zip(&self.tallies);
        places.map(|(place, tally)| (self.key(place), tally))
    }
}

/// Returns the combination at an index; without fields it is empty.
fn key_of(keys: &[Ordinal], width: usize, place: u32) -> &[Ordinal] {
    let from = place as usize * width;
    &keys[from..from + width]
}
