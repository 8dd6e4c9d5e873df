//! The incident in the history; the parent module lists the traces it leaves.

use std::collections::VecDeque;

use super::Generator;
use super::activity::Depth;
use super::names::TARGET;
use super::record::{Caller, Tag, Verb};
use super::repositories::REPOSITORIES;
use super::rhythm::{HOUR, MINUTE};
use super::rng::Rng;
use crate::model::time::{Nanos, SECOND};

/// Start of the incident, before the end of the history.
const BEGIN: Nanos = 3 * HOUR + 25 * MINUTE;
/// The production instance and its largest cluster.
const PRODUCTION: u8 = 0;
const CLUSTER: usize = 0;

const PYTHON: u8 = 24;
const SKOPEO: u8 = 25;
const DOCKER: u8 = 8;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// The real release of the tag: pushed by the build, pulled by the cluster.
    Release,
    RollOut,
    /// A wrong password.
    Guess,
    /// The right password, for an operation that the user may not perform.
    Refused(u16),
    ListTags(u16),
    Look(u16),
    Take(u16),
    Overwrite,
    /// A node pulls the overwritten tag.
    Victim(u32),
    /// A tag is deleted: the n-th before the newest.
    Cover(u16, u32),
}

/// Remaining steps of the incident.
#[derive(Debug, Default)]
pub(super) struct Script {
    steps: VecDeque<(Nanos, Act)>,
    /// The overwritten tag, once it is released.
    tag: u32,
}

impl Script {
    /// Script for a history of `events` events: a short history has a short incident.
    pub(super) fn new(seed: u64, events: u64, end: Nanos) -> Self {
        let mut rng = Rng::new(seed ^ 0x1eaf);
        let scaled = |n: u64| (n * events.min(40_000) / 40_000).max(2);
        let begin = end - BEGIN + Nanos::from(rng.below(600)) * SECOND;
        let mut steps = vec![
            (begin - 5 * HOUR, Act::Release),
            (begin - 5 * HOUR + 6 * MINUTE, Act::RollOut),
        ];
        let mut spread =
            |from: Nanos, to: Nanos, n: u64, act: &mut dyn FnMut(&mut Rng, u64) -> Act| {
                for at in 0..n {
                    let (from, to) = (begin + from * SECOND, begin + to * SECOND);
                    let each = (to - from) / n as Nanos;
                    let jitter = Nanos::from(rng.below(1000)) * (each / 1000);
                    steps.push((from + at as Nanos * each + jitter, act(&mut rng, at)));
                }
            };
        let any = |rng: &mut Rng| rng.below(u32::from(REPOSITORIES)) as u16;
        spread(0, 340, scaled(64), &mut |_, _| Act::Guess);
        spread(350, 400, scaled(12), &mut |rng, _| Act::Refused(any(rng)));
        spread(480, 1260, scaled(180), &mut |rng, at| {
            if at % 30 == 0 {
                Act::ListTags(any(rng))
            } else {
                Act::Look(any(rng))
            }
        });
        spread(1380, 2100, scaled(15), &mut |rng, _| {
            Act::Take(rng.below(120) as u16)
        });
        spread(2460, 2490, 1, &mut |_, _| Act::Overwrite);
        spread(2600, 4100, scaled(34), &mut |_, at| Act::Victim(at as u32));
        spread(4500, 4560, scaled(26), &mut |rng, at| {
            Act::Cover(
                if at < 12 {
                    TARGET
                } else {
                    rng.below(40) as u16
                },
                at as u32,
            )
        });
        steps.sort_by_key(|(time, _)| *time);
        Self {
            steps: steps.into(),
            tag: 0,
        }
    }

    /// Time of the next step.
    pub(super) fn due(&self) -> Option<Nanos> {
        self.steps.front().map(|(time, _)| *time)
    }
}

impl Generator {
    /// Performs the next step of the script.
    pub(super) fn incident(&mut self) {
        let Some((time, act)) = self.script.steps.pop_front() else {
            return;
        };
        let stranger = Caller {
            actor: Some(self.world.deployer),
            peer: self.world.stranger,
            agent: PYTHON,
            instance: PRODUCTION,
        };
        let tag = Tag::Number(self.script.tag);
        match act {
            Act::Release => {
                self.heads[usize::from(TARGET)] += 1;
                self.script.tag = self.heads[usize::from(TARGET)];
                let builder = Caller {
                    peer: self.world.runners.start,
                    agent: DOCKER,
                    ..stranger
                };
                self.request(
                    time,
                    builder,
                    Verb::PutManifest,
                    (TARGET, Tag::Number(self.script.tag), 0),
                    201,
                );
            }
            Act::RollOut => self.rollout(time, CLUSTER, TARGET, tag),
            Act::Guess => {
                let guesser = Caller {
                    actor: Some(self.world.guesser),
                    ..stranger
                };
                self.request(
                    time,
                    guesser,
                    Verb::GetManifest,
                    (TARGET, Tag::Latest, 0),
                    401,
                );
            }
            Act::Refused(repository) => {
                let verb = self.rng.pick(&[Verb::GetManifest, Verb::PutManifest]);
                self.request(time, stranger, verb, (repository, Tag::Latest, 0), 403);
            }
            Act::ListTags(repository) => {
                self.request(
                    time,
                    stranger,
                    Verb::ListTags,
                    (repository, Tag::None, 0),
                    200,
                );
            }
            Act::Look(repository) => {
                let status = if self.rng.chance(1, 9) { 404 } else { 200 };
                self.request(
                    time,
                    stranger,
                    Verb::GetManifest,
                    (repository, Tag::Latest, 0),
                    status,
                );
            }
            Act::Take(repository) => {
                let caller = Caller {
                    agent: SKOPEO,
                    ..stranger
                };
                let tag = Tag::Number(self.heads[usize::from(repository)]);
                self.pull(time, caller, repository, tag, Depth::All);
            }
            Act::Overwrite => {
                let caller = Caller {
                    agent: SKOPEO,
                    ..stranger
                };
                self.request(time, caller, Verb::PutManifest, (TARGET, tag, 0), 201);
            }
            Act::Victim(node) => {
                let nodes = self.world.clusters[CLUSTER].peers.len() as u32;
                let caller = self.caller_of_node(CLUSTER, node % nodes);
                self.pull(time, caller, TARGET, tag, Depth::Some);
            }
            Act::Cover(repository, back) => {
                // Never the overwritten tag itself, which has to remain.
                let caller = Caller {
                    agent: SKOPEO,
                    ..stranger
                };
                let tag = Tag::Number(self.heads[usize::from(repository)].saturating_sub(1 + back));
                let status = self.rng.pick(&[202, 202, 202, 202, 404]);
                self.request(time, caller, Verb::DeleteTag, (repository, tag, 0), status);
            }
        }
    }
}
