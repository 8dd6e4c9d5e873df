//! What happens: each activity is a few requests of one caller within seconds or minutes.

use super::Generator;
use super::names::{BASES, TARGET, TEAMS, TYPOS};
use super::record::{Caller, Event, Tag, Verb};
use super::rhythm::Kind;
use super::rng::mix;
use super::world::REPOSITORIES;
use crate::model::time::{Nanos, SECOND};

pub(super) const MILLI: Nanos = SECOND / 1000;

/// Index of the namespace whose builds the RAM user `ci-deploy` makes.
const PAYMENT: u8 = 2;

/// How much of an image a pull has to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Everything is there already, only the manifest is looked at.
    Manifest,
    /// Some layers are there.
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

    /// Sends one request. False where the instance is failing at that time and answered so.
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

    /// A tag somebody would pull: mostly one of the newest.
    fn recent(&mut self, repository: u16) -> Tag {
        if self.world.repositories[usize::from(repository)].latest && self.rng.chance(1, 3) {
            return Tag::Latest;
        }
        let reach = 1 + self.rng.below(8);
        Tag::Number(self.heads[usize::from(repository)].saturating_sub(self.rng.below(reach)))
    }

    fn pause(&mut self, low: u32, high: u32) -> Nanos {
        Nanos::from(self.rng.between(low, high)) * MILLI + Nanos::from(self.rng.below(MILLI as u32))
    }

    /// One pull: perhaps refused without a token first, then the manifest and the layers. Returns its end.
    pub(super) fn pull(
        &mut self,
        time: Nanos,
        caller: Caller,
        repository: u16,
        tag: Tag,
        depth: Depth,
    ) -> Nanos {
        let mut time = time;
        // Programs that look with HEAD first; some of them without a token, to be told where to get one.
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
            // The lower half comes from a base image that many share and changes seldom; layer 0 is the config.
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

    /// A node of a cluster.
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

    /// The nodes of a cluster pull one image within seconds; large ones run into the limit of requests.
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

    /// Base images are pulled, a new tag is pushed.
    fn build(&mut self, time: Nanos) {
        let mut repository = self.popular();
        if repository == TARGET {
            // What is released there belongs to the incident.
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

    fn person(&mut self, time: Nanos) {
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

    /// A repository or a tag that does not exist.
    fn misspelt(&mut self, time: Nanos, caller: Caller, repository: u16) {
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

    /// The scanner walks through many images.
    fn scan(&mut self, time: Nanos) {
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
    fn cleanup(&mut self, time: Nanos) {
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

    /// Things that go wrong: a pod that cannot start, probes from the Internet, a script without patience.
    fn stray(&mut self, time: Nanos) {
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
    fn partner(&mut self, time: Nanos) {
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

    /// Somebody uses the account itself.
    fn root(&mut self, time: Nanos) {
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
