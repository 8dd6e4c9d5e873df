//! Activities of people and partners, and spontaneous failures.

use super::Generator;
use super::activity::{Depth, MILLI};
use super::names::TYPOS;
use super::record::{Caller, Tag, Verb};
use super::repositories::REPOSITORIES;
use crate::model::time::Nanos;

impl Generator {
    pub(super) fn person(&mut self, time: Nanos) {
        let people = self.world.people.len() as u32;
        let reach = 1 + self.rng.below(people);
        let person = self.world.people[self.rng.below(reach) as usize];
        let peer = person.peers[usize::from(self.rng.chance(3, 10))];
        let instance = self.rng.pick(&[0, 1, 2, 3, 3, 3, 3, 4, 4]);
        let caller = Caller {
            actor: Some(person.actor),
            peer,
            agent: person.agent,
            instance,
        };
        let repository = self.popular();
        let tag = self.recent(repository);
        let production = instance < 2;
        match self.rng.below(100) {
            0..4 => {
                self.request(
                    time,
                    caller,
                    Verb::ListTags,
                    (repository, Tag::None, 0),
                    200,
                );
            }
            4..9 => self.misspelt(time, caller, repository),
            9..18 => {
                // People push branches of their own, and nothing to production.
                let denied = production || self.rng.chance(1, 12);
                let branch = Tag::Branch(person.actor % 997);
                let status = if denied { 403 } else { 201 };
                self.request(
                    time,
                    caller,
                    Verb::PutManifest,
                    (repository, branch, 0),
                    status,
                );
            }
            18..20 => {
                let status = if production { 403 } else { 202 };
                self.request(time, caller, Verb::DeleteTag, (repository, tag, 0), status);
            }
            20..23 => {
                // A password that was changed yesterday.
                for _ in 0..self.rng.between(1, 3) {
                    self.request(
                        time,
                        Caller {
                            actor: None,
                            ..caller
                        },
                        Verb::GetManifest,
                        (repository, tag, 0),
                        401,
                    );
                }
            }
            _ => {
                let looks = matches!(caller.agent, 16..=18 | 21);
                let depth = if looks {
                    Depth::Manifest
                } else {
                    self.rng.pick(&[Depth::Some, Depth::All])
                };
                self.pull(time, caller, repository, tag, depth);
            }
        }
    }

    /// A repository or tag that does not exist.
    pub(super) fn misspelt(&mut self, time: Nanos, caller: Caller, repository: u16) {
        let what = if self.rng.chance(1, 2) {
            let at = self.rng.below(TYPOS.len() as u32) as u16;
            (REPOSITORIES + at, Tag::Latest, 0)
        } else {
            (
                repository,
                Tag::Typo(self.heads[usize::from(repository)]),
                0,
            )
        };
        self.request(time, caller, Verb::GetManifest, what, 404);
    }

    /// Failures: a pod that cannot start, probes from the Internet, a script that retries too fast.
    pub(super) fn stray(&mut self, time: Nanos) {
        let repository = self.popular();
        match self.rng.below(10) {
            0..4 => {
                let cluster = self.rng.below(self.world.clusters.len() as u32) as usize;
                let node = self
                    .rng
                    .below(self.world.clusters[cluster].peers.len() as u32);
                let caller = self.caller_of_node(cluster, node);
                let wait = self.pause(9_000, 40_000);
                for n in 0..Nanos::from(self.rng.between(2, 5)) {
                    self.misspelt(time + n * n * wait, caller, repository);
                }
            }
            4..9 => {
                let person = self.rng.below(self.world.people.len() as u32) as usize;
                let caller = Caller {
                    actor: None,
                    peer: self.world.people[person].peers[1],
                    agent: self.rng.pick(&[18, 23, 24]),
                    instance: self.rng.below(5) as u8,
                };
                for n in 0..Nanos::from(self.rng.between(1, 4)) {
                    let repository = self.popular();
                    self.request(
                        time + n * 700 * MILLI,
                        caller,
                        Verb::GetManifest,
                        (repository, Tag::Latest, 0),
                        401,
                    );
                }
            }
            _ => {
                let sessions = &self.world.builders[27];
                let caller = Caller {
                    actor: Some(sessions.start + self.rng.below(sessions.len() as u32)),
                    peer: self.world.runners.start + 150,
                    agent: 16,
                    instance: 3,
                };
                let tries = self.rng.between(10, 40).min(self.crowd);
                for n in 0..tries {
                    let status = if n > 7 && self.rng.chance(4, 5) {
                        429
                    } else {
                        200
                    };
                    let tag = self.recent(repository);
                    let at = time + Nanos::from(n) * 45 * MILLI;
                    self.request(at, caller, Verb::HeadManifest, (repository, tag, 0), status);
                }
            }
        }
    }

    /// A role of ours that another account has assumed.
    pub(super) fn partner(&mut self, time: Nanos) {
        let actor = self.rng.below(self.world.partners.len() as u32);
        let peer = self.rng.below(self.world.partner_peers.len() as u32);
        let caller = Caller {
            actor: Some(self.world.partners.start + actor),
            peer: self.world.partner_peers.start + peer,
            agent: self.rng.pick(&[1, 9, 25]),
            instance: self.rng.pick(&[0, 0, 1]),
        };
        let repository = self.popular();
        let tag = self.recent(repository);
        let depth = self.rng.pick(&[Depth::Some, Depth::All]);
        self.pull(time, caller, repository, tag, depth);
    }

    /// The root account is used.
    pub(super) fn root(&mut self, time: Nanos) {
        let caller = Caller {
            actor: Some(self.world.root),
            peer: self.world.people[0].peers[0],
            agent: self.rng.pick(&[12, 21]),
            instance: self.rng.pick(&[0, 3]),
        };
        let repository = self.popular();
        let tag = self.recent(repository);
        self.pull(time, caller, repository, tag, Depth::Some);
    }
}
