//! Activities: each is a few requests of one caller within seconds or minutes. This module has their common parts and
//! the activities of clusters; others are in `builds` and `people`.

use super::Generator;
use super::record::{Caller, Event, Tag, Verb};
use super::rhythm::Kind;
use super::rng::mix;
use crate::model::time::{Nanos, SECOND};

pub(super) const MILLI: Nanos = SECOND / 1000;

/// Amount of an image that a pull has to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Only the manifest is read, because everything is cached.
    Manifest,
    /// Some layers are cached.
    Some,
    All,
}

impl Generator {
    pub(super) fn perform(&mut self, kind: Kind, time: Nanos) {
        match kind {
            Kind::Node => self.node(time),
            Kind::Rollout => {
                let cluster = self.rng.below(self.world.clusters.len() as u32) as usize;
                let repository = self.popular();
                let tag = Tag::Number(self.heads[usize::from(repository)]);
                self.rollout(time, cluster, repository, tag);
            }
            Kind::Build => self.build(time),
            Kind::Person => self.person(time),
            Kind::Scan => self.scan(time),
            Kind::Cleanup => self.cleanup(time),
            Kind::Stray => self.stray(time),
            Kind::Partner => self.partner(time),
            Kind::Root => self.root(time),
        }
    }

    /// Sends one request. Returns false if the instance is failing at that time and responded with an error.
    pub(super) fn request(
        &mut self,
        time: Nanos,
        caller: Caller,
        verb: Verb,
        what: (u16, Tag, u64),
        status: u16,
    ) -> bool {
        let failing = self
            .faults
            .iter()
            .any(|(span, instance)| *instance == caller.instance && span.contains(&time));
        let failed = failing && self.rng.chance(9, 20);
        let status = if failed {
            self.rng.pick(&[500, 502, 503, 503, 504])
        } else {
            status
        };
        let (repository, tag, blob) = what;
        let event = Event {
            time,
            caller,
            verb,
            repository,
            tag,
            blob,
            status,
            key: self.rng.next(),
        };
        self.push(event);
        !failed
    }

    pub(super) fn popular(&mut self) -> u16 {
        let at = self.rng.next() >> 48;
        self.world.popularity[at as usize]
    }

    /// Picks a tag to pull: mostly one of the newest.
    pub(super) fn recent(&mut self, repository: u16) -> Tag {
        if self.world.repositories[usize::from(repository)].latest && self.rng.chance(1, 3) {
            return Tag::Latest;
        }
        let reach = 1 + self.rng.below(8);
        Tag::Number(self.heads[usize::from(repository)].saturating_sub(self.rng.below(reach)))
    }

    pub(super) fn pause(&mut self, low: u32, high: u32) -> Nanos {
        Nanos::from(self.rng.between(low, high)) * MILLI + Nanos::from(self.rng.below(MILLI as u32))
    }

    /// Performs one pull: perhaps a 401 without a token first, then the manifest and the layers. Returns its end.
    pub(super) fn pull(
        &mut self,
        time: Nanos,
        caller: Caller,
        repository: u16,
        tag: Tag,
        depth: Depth,
    ) -> Nanos {
        let mut time = time;
        // Programs that check with HEAD first; some send it without a token to learn the token service.
        let heads = matches!(caller.agent, 0..=3 | 6 | 7 | 15 | 16 | 22 | 25);
        if heads && self.rng.chance(1, 9) {
            self.request(
                time,
                Caller {
                    actor: None,
                    ..caller
                },
                Verb::HeadManifest,
                (repository, tag, 0),
                401,
            );
            time += self.pause(40, 180);
        }
        if heads {
            if !self.request(time, caller, Verb::HeadManifest, (repository, tag, 0), 200) {
                return time;
            }
            time += self.pause(4, 30);
            if depth == Depth::Manifest && self.rng.chance(1, 2) {
                return time;
            }
        }
        if !self.request(time, caller, Verb::GetManifest, (repository, tag, 0), 200) {
            return time;
        }
        time += self.pause(8, 60);
        let image = &self.world.repositories[usize::from(repository)];
        let (key, layers, multi) = (image.key, image.layers, image.multi);
        let version = match tag {
            Tag::Number(n) | Tag::Typo(n) => u64::from(n),
            _ => u64::from(self.heads[usize::from(repository)]),
        };
        if multi {
            self.request(
                time,
                caller,
                Verb::GetManifest,
                (repository, Tag::None, mix(key, version << 8) | 1),
                200,
            );
            time += self.pause(8, 60);
        }
        if depth == Depth::Manifest {
            return time;
        }
        for layer in 0..u64::from(layers) {
            // The lower half comes from a common base image that rarely changes; layer 0 is the config.
            let blob = match layer {
                0 => mix(key, version << 8 | 255),
                _ if layer <= u64::from(layers) / 2 => {
                    mix(0xba5e, (key % 24) << 16 | (version / 60) << 8 | layer)
                }
                _ => mix(key, version << 8 | layer),
            };
            if depth == Depth::Some && layer > 0 && self.rng.chance(3, 5) {
                continue;
            }
            let status = if self.rng.chance(3, 4) { 307 } else { 200 };
            self.request(
                time,
                caller,
                Verb::GetBlob,
                (repository, Tag::None, blob | 1),
                status,
            );
            time += self.pause(5, 420);
        }
        time
    }

    /// Caller for a node of a cluster.
    pub(super) fn caller_of_node(&self, cluster: usize, node: u32) -> Caller {
        let cluster = &self.world.clusters[cluster];
        Caller {
            actor: Some(cluster.actors.start + node),
            peer: cluster.peers.start + node,
            agent: cluster.agent,
            instance: cluster.instance,
        }
    }

    fn node(&mut self, time: Nanos) {
        let cluster = self.rng.below(self.world.clusters.len() as u32) as usize;
        let node = self
            .rng
            .below(self.world.clusters[cluster].peers.len() as u32);
        let repository = self.popular();
        let tag = self.recent(repository);
        let depth = self.rng.pick(&[
            Depth::Manifest,
            Depth::Manifest,
            Depth::Manifest,
            Depth::Some,
            Depth::All,
        ]);
        self.pull(
            time,
            self.caller_of_node(cluster, node),
            repository,
            tag,
            depth,
        );
    }

    /// The nodes of a cluster pull one image within seconds; large clusters hit the rate limit.
    pub(super) fn rollout(&mut self, time: Nanos, cluster: usize, repository: u16, tag: Tag) {
        let size = self.world.clusters[cluster].peers.len() as u32;
        let nodes = self.rng.between(size / 3, size).min(self.crowd);
        for node in 0..nodes {
            let caller = self.caller_of_node(cluster, node);
            let mut at = time + Nanos::from(self.rng.below(100)) * Nanos::from(nodes) * 5 * MILLI;
            if node > 24 && self.rng.chance(1, 4) {
                self.request(at, caller, Verb::GetManifest, (repository, tag, 0), 429);
                at += self.pause(900, 4000);
            }
            let depth = if self.rng.chance(4, 5) {
                Depth::Some
            } else {
                Depth::All
            };
            self.pull(at, caller, repository, tag, depth);
        }
    }
}
