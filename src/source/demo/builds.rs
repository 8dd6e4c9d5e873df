//! Activities of machines that make and maintain images: builds, the scanner, retention.

use super::Generator;
use super::activity::Depth;
use super::names::{BASES, TARGET, TEAMS};
use super::record::{Caller, Tag, Verb};
use super::repositories::REPOSITORIES;
use super::rng::mix;
use crate::model::time::Nanos;

/// Index of the namespace whose builds run as the RAM user `ci-deploy`.
const PAYMENT: u8 = 2;

impl Generator {
    /// Pulls base images and pushes a new tag.
    pub(super) fn build(&mut self, time: Nanos) {
        let mut repository = self.popular();
        if repository == TARGET {
            // Releases of the target repository belong to the incident.
            repository = TARGET + 1;
        }
        let image = &self.world.repositories[usize::from(repository)];
        let (key, namespace, multi, latest) =
            (image.key, image.namespace, image.multi, image.latest);
        let instance = self.rng.pick(&[3, 3, 3, 3, 4, 4, 4, 2, 2, 0, 1]);
        let caller = if namespace == PAYMENT {
            let peer = self.world.runners.start + self.rng.below(2);
            Caller {
                actor: Some(self.world.deployer),
                peer,
                agent: 8,
                instance,
            }
        } else {
            let team = if (key >> 4).is_multiple_of(8) {
                26 + key % 4
            } else {
                u64::from(namespace) % 26
            };
            let sessions = &self.world.builders[team as usize % TEAMS.len()];
            let session = self.rng.below(sessions.len() as u32);
            let runner = mix(team, u64::from(session)) % self.world.runners.len() as u64;
            Caller {
                actor: Some(sessions.start + session),
                peer: self.world.runners.start + runner as u32,
                agent: 6 + (mix(team, 5) % 6) as u8,
                instance,
            }
        };
        let base = BASES[(key % BASES.len() as u64) as usize];
        let tag = self.recent(base);
        let depth = self
            .rng
            .pick(&[Depth::Manifest, Depth::Some, Depth::Some, Depth::All]);
        let mut at = self.pull(time, caller, base, tag, depth) + self.pause(8_000, 90_000);
        if self.rng.chance(1, 60) {
            // The role may not push there.
            self.request(
                at,
                caller,
                Verb::PutManifest,
                (
                    repository,
                    Tag::Number(self.heads[usize::from(repository)] + 1),
                    0,
                ),
                403,
            );
            return;
        }
        self.heads[usize::from(repository)] += 1;
        let tag = Tag::Number(self.heads[usize::from(repository)]);
        if multi {
            for platform in 0..2 {
                let digest = mix(key, u64::from(self.heads[usize::from(repository)]) << 8)
                    ^ platform << 1
                    | 1;
                self.request(
                    at,
                    caller,
                    Verb::PutManifest,
                    (repository, Tag::None, digest),
                    201,
                );
                at += self.pause(30, 400);
            }
        }
        self.request(at, caller, Verb::PutManifest, (repository, tag, 0), 201);
        if latest {
            at += self.pause(200, 900);
            self.request(
                at,
                caller,
                Verb::PutManifest,
                (repository, Tag::Latest, 0),
                201,
            );
        }
    }

    /// The scanner reads many images.
    pub(super) fn scan(&mut self, time: Nanos) {
        let session = self.rng.below(self.world.scanners.len() as u32);
        let caller = Caller {
            actor: Some(self.world.scanners.start + session),
            peer: self.world.runners.start + 120 + session % 8,
            agent: 22,
            instance: self.rng.pick(&[0, 1, 2, 3]),
        };
        let mut at = time;
        for _ in 0..self.rng.between(2, 8) {
            let repository = self.rng.below(u32::from(REPOSITORIES)) as u16;
            let tag = self.recent(repository);
            at = self.pull(at, caller, repository, tag, Depth::Some) + self.pause(100, 900);
        }
    }

    /// Retention deletes the oldest tags of a repository.
    pub(super) fn cleanup(&mut self, time: Nanos) {
        let session = self.rng.below(self.world.cleaners.len() as u32);
        let caller = Caller {
            actor: Some(self.world.cleaners.start + session),
            peer: self.world.runners.start + 140,
            agent: 26,
            instance: self.rng.pick(&[2, 3, 3, 4, 4]),
        };
        let repository = self.rng.below(u32::from(REPOSITORIES)) as u16;
        let oldest = self.rng.below(12);
        let mut at = time;
        for n in 0..self.rng.between(4, 30).min(self.crowd) {
            let status = if self.rng.chance(1, 24) { 404 } else { 202 };
            self.request(
                at,
                caller,
                Verb::DeleteTag,
                (repository, Tag::Number(oldest + n), 0),
                status,
            );
            at += self.pause(60, 400);
        }
    }
}
