//! Constant parts of the synthetic world: instances, repositories, identities, machines. All text is ready to be copied
//! into a record: pieces of JSON such as `,"repo":"order-api"`.

use std::ops::Range;

use super::names::{ACCOUNT, AGENTS, GIVEN, INSTANCES, NATIVE, PARTNERS, SURNAMES, TEAMS};
use super::repositories::{Repository, popularity, repositories};
use super::rhythm::{HOUR, OFFSET};
use super::rng::Rng;
use crate::model::time::Nanos;

/// A piece of JSON.
pub(super) type Text = Box<[u8]>;

const VPCS: usize = 60;
const CLUSTERS: usize = 24;
const PEOPLE: usize = 640;
const SESSIONS: u32 = 120;
const RUNNERS: usize = 160;

pub(super) struct Instance {
    /// `,"instance_id":"cri-…"`.
    pub(super) id: Text,
    /// Host for VPC traffic, for Internet traffic, and the company's own domain, if any.
    pub(super) hosts: [Text; 3],
    /// `"__source__":"…"` of the machine that delivers its records.
    pub(super) source: Text,
    /// True if its records omit fields that do not apply (otherwise they are empty).
    pub(super) omits: bool,
    /// True if its records have the client's port.
    pub(super) ports: bool,
}

/// An identity.
pub(super) struct Actor {
    /// `,"access_credential_type":…`.
    pub(super) credential: Text,
    /// `,"user_identity_…":…` and `,"user_name":…`.
    pub(super) identity: Text,
}

/// A client's machine.
pub(super) struct Peer {
    /// Address without port.
    pub(super) address: Text,
    pub(super) v6: bool,
    /// `,"http_request_remote_vpc_id":"vpc-…"`; empty on the Internet.
    pub(super) vpc: Text,
    /// True if it uses the company's own domain where possible.
    pub(super) custom: bool,
}

/// Nodes that pull from one instance. A node is a peer with an identity of its own.
pub(super) struct Cluster {
    pub(super) instance: u8,
    pub(super) agent: u8,
    pub(super) peers: Range<u32>,
    pub(super) actors: Range<u32>,
}

/// A person: identity, usual machine, other machine, program.
#[derive(Clone, Copy)]
pub(super) struct Person {
    pub(super) actor: u32,
    pub(super) peers: [u32; 2],
    pub(super) agent: u8,
}

pub(super) struct World {
    /// `YYYYMMDD` of the day before the world's, and of days before that, for tags that are dates.
    pub(super) dates: Vec<Text>,
    pub(super) instances: Vec<Instance>,
    pub(super) repositories: Vec<Repository>,
    /// Repositories by popularity: every entry is equally likely.
    pub(super) popularity: Vec<u16>,
    pub(super) actors: Vec<Actor>,
    pub(super) peers: Vec<Peer>,
    pub(super) clusters: Vec<Cluster>,
    pub(super) people: Vec<Person>,
    /// Sessions of each build role, in the order of [`TEAMS`].
    pub(super) builders: Vec<Range<u32>>,
    pub(super) runners: Range<u32>,
    pub(super) scanners: Range<u32>,
    pub(super) cleaners: Range<u32>,
    pub(super) partners: Range<u32>,
    pub(super) partner_peers: Range<u32>,
    pub(super) root: u32,
    /// RAM user with a fixed password that deploys payments, and an actor of that name with a wrong password.
    pub(super) deployer: u32,
    pub(super) guesser: u32,
    /// The attacker's machine, with a new address.
    pub(super) stranger: u32,
    /// `,"http_request_useragent":"…"`, in the order of [`AGENTS`].
    pub(super) agents: Vec<Text>,
}

/// Fields of an identity.
#[derive(Clone, Copy, Default)]
struct Who<'a> {
    credential: &'a str,
    account: &'a str,
    player: &'a str,
    principal: &'a str,
    role: Option<(&'a str, &'a str)>,
    user_type: &'a str,
    user_name: &'a str,
    omits: bool,
}

impl World {
    /// Creates the world of a seed on the day of `now`.
    pub(super) fn new(seed: u64, now: Nanos) -> Self {
        let mut rng = Rng::new(seed);
        let rng = &mut rng;
        let vpcs: Vec<Text> = (0..VPCS)
            .map(|_| {
                field(
                    "http_request_remote_vpc_id",
                    &format!("vpc-bp1{}", rng.letters(18)),
                )
            })
            .collect();
        let mut world = Self {
            dates: (1..=200).map(|back| date(now - back * 24 * HOUR)).collect(),
            instances: instances(rng),
            repositories: repositories(rng),
            popularity: popularity(),
            actors: Vec::new(),
            peers: Vec::new(),
            clusters: Vec::new(),
            people: Vec::new(),
            builders: Vec::new(),
            runners: 0..0,
            scanners: 0..0,
            cleaners: 0..0,
            partners: 0..0,
            partner_peers: 0..0,
            root: 0,
            deployer: 0,
            guesser: 0,
            stranger: 0,
            agents: AGENTS
                .iter()
                .map(|agent| field("http_request_useragent", agent))
                .collect(),
        };
        world.add_clusters(rng, &vpcs);
        world.add_builders(rng, &vpcs);
        world.add_people(rng);
        world.add_others(rng, &vpcs);
        world
    }

    fn actor(&mut self, who: Who<'_>) -> u32 {
        let mut identity = Vec::new();
        for (key, value) in [
            ("user_identity_account_id", Some(who.account)),
            ("user_identity_player_account_id", Some(who.player)),
            ("user_identity_principal_id", Some(who.principal)),
            ("user_identity_role_id", who.role.map(|r| r.0)),
            ("user_identity_role_name", who.role.map(|r| r.1)),
            ("user_identity_user_type", Some(who.user_type)),
            ("user_name", Some(who.user_name)),
        ] {
            let applies = value.is_some_and(|text| !text.is_empty());
            if applies || !who.omits {
                identity.extend_from_slice(&field(key, value.unwrap_or_default()));
            }
        }
        self.actors.push(Actor {
            credential: field("access_credential_type", who.credential),
            identity: identity.into(),
        });
        self.actors.len() as u32 - 1
    }

    /// Creates the sessions of a role, one actor each.
    fn sessions(
        &mut self,
        rng: &mut Rng,
        role: &str,
        player: &str,
        names: &[String],
    ) -> Range<u32> {
        let id = format!("3{:017}", rng.next() % 100_000_000_000_000_000);
        let from = self.actors.len() as u32;
        for name in names {
            self.actor(Who {
                credential: "TemporaryToken",
                account: ACCOUNT,
                player,
                principal: &format!("{id}:{name}"),
                role: Some((&id, role)),
                user_type: "assumed-role",
                user_name: "cr_temp_user",
                omits: true,
            });
        }
        from..self.actors.len() as u32
    }

    fn peer(&mut self, address: &str, vpc: &[u8], custom: bool) -> u32 {
        self.peers.push(Peer {
            address: address.as_bytes().into(),
            v6: address.contains(':'),
            vpc: vpc.into(),
            custom,
        });
        self.peers.len() as u32 - 1
    }

    fn add_clusters(&mut self, rng: &mut Rng, vpcs: &[Text]) {
        for at in 0..CLUSTERS {
            let size = if at == 0 { 72 } else { rng.between(14, 60) };
            // Production has the most and the largest clusters; the first one belongs to instance 0.
            let instance = [0, 0, 1, 0, 2, 3, 1, 0, 3, 4, 2, 0][at % 12];
            let from = self.peers.len() as u32;
            for node in 0..size {
                let address = format!(
                    "10.{}.{}.{}",
                    16 + at,
                    node / 24,
                    10 + (node % 24) * 7 + rng.below(6)
                );
                self.peer(&address, &vpcs[at * 2 + usize::from(node % 5 == 4)], false);
            }
            let names: Vec<String> = (0..size)
                .map(|_| format!("i-bp1{}", rng.letters(15)))
                .collect();
            let role = format!(
                "KubernetesWorkerRole-{:08x}-{:04x}",
                rng.next() as u32,
                rng.next() as u16
            );
            let actors = self.sessions(rng, &role, ACCOUNT, &names);
            self.clusters.push(Cluster {
                instance,
                agent: [0, 1, 1, 5, 0, 2, 3, 1, 4][at % 9],
                peers: from..self.peers.len() as u32,
                actors,
            });
        }
    }

    fn add_builders(&mut self, rng: &mut Rng, vpcs: &[Text]) {
        let from = self.peers.len() as u32;
        for at in 0..RUNNERS {
            let address = format!("10.{}.{}.{}", 200 + at % 4, at / 40, 20 + at % 40 * 5);
            self.peer(&address, &vpcs[48 + at % 4], false);
        }
        self.runners = from..self.peers.len() as u32;
        for role in TEAMS {
            let first = rng.between(20_000, 90_000);
            let names: Vec<String> = (0..SESSIONS)
                .map(|n| match n % 30 {
                    29 => format!("发布-{}", first + n),
                    n if n % 3 == 0 => format!("pipeline-{}", first + n),
                    _ => format!("build-{}", first + n),
                })
                .collect();
            let sessions = self.sessions(rng, role, ACCOUNT, &names);
            self.builders.push(sessions);
        }
    }

    fn add_people(&mut self, rng: &mut Rng) {
        let offices: Vec<u32> = (0..8)
            .map(|n| self.peer(&format!("198.51.100.{}", 11 + n * 17), b"", n % 2 == 0))
            .collect();
        for at in 0..PEOPLE {
            let name = match NATIVE.get(at / 90).filter(|_| at % 90 == 41) {
                Some(native) => (*native).to_owned(),
                None => format!("{}.{}", GIVEN[at * 7 % 1600 / 40], SURNAMES[at * 7 % 40]),
            };
            let token = rng.chance(1, 25);
            let actor = self.actor(Who {
                credential: if token { "TemporaryToken" } else { "Password" },
                account: ACCOUNT,
                player: ACCOUNT,
                principal: &format!("2{:017}", rng.next() % 100_000_000_000_000_000),
                user_type: "ram-user",
                user_name: &if token {
                    "cr_temp_user".to_owned()
                } else {
                    format!("{name}@acme")
                },
                omits: at % 3 != 0,
                ..Who::default()
            });
            let home = if rng.chance(1, 6) {
                format!(
                    "2001:db8:{:x}:{:x}::{:x}",
                    rng.below(4096),
                    rng.below(65536),
                    rng.between(1, 65535)
                )
            } else {
                format!(
                    "198.{}.{}.{}",
                    18 + rng.below(2),
                    rng.below(256),
                    rng.between(1, 254)
                )
            };
            let home = self.peer(&home, b"", rng.chance(1, 3));
            self.people.push(Person {
                actor,
                peers: [rng.pick(&offices), home],
                agent: rng.pick(&[12, 12, 12, 13, 13, 14, 15, 16, 17, 18, 19, 20, 21]),
            });
        }
    }

    fn add_others(&mut self, rng: &mut Rng, vpcs: &[Text]) {
        let names: Vec<String> = (0..48).map(|n| format!("scan-{n}")).collect();
        self.scanners = self.sessions(rng, "image-scanner", ACCOUNT, &names);
        let names: Vec<String> = (0..24).map(|n| format!("retention-{}", 400 + n)).collect();
        self.cleaners = self.sessions(rng, "registry-retention", ACCOUNT, &names);
        let from = self.actors.len() as u32;
        for (account, role) in PARTNERS
            .into_iter()
            .zip(["partner-delivery", "vendor-support"])
        {
            let names: Vec<String> = (0..100).map(|n| format!("{role}-{n:02}")).collect();
            self.sessions(rng, role, account, &names);
        }
        self.partners = from..self.actors.len() as u32;
        let from = self.peers.len() as u32;
        for n in 0..12 {
            self.peer(&format!("192.0.2.{}", 30 + n * 9), b"", false);
            self.peer(
                &format!("172.16.{n}.{}", 8 + n * 3),
                &vpcs[52 + n % 8],
                false,
            );
        }
        self.partner_peers = from..self.peers.len() as u32;

        let person = Who {
            credential: "Password",
            account: ACCOUNT,
            player: ACCOUNT,
            omits: true,
            ..Who::default()
        };
        self.root = self.actor(Who {
            principal: ACCOUNT,
            user_type: "root-account",
            user_name: "acme",
            ..person
        });
        let deployer = Who {
            user_type: "ram-user",
            user_name: "ci-deploy@acme",
            ..person
        };
        self.deployer = self.actor(Who {
            principal: "287114093348127705",
            ..deployer
        });
        self.guesser = self.actor(Who {
            credential: "Password",
            user_name: "ci-deploy@acme",
            omits: true,
            ..Who::default()
        });
        self.stranger = self.peer(super::ADDRESS, b"", false);
    }
}

fn instances(rng: &mut Rng) -> Vec<Instance> {
    (0_u8..)
        .zip(INSTANCES)
        .map(|(at, (name, region, own))| {
            let public = field(
                "http_request_host",
                &format!("{name}-registry.{region}.cr.aliyuncs.com"),
            );
            let vpc = field(
                "http_request_host",
                &format!("{name}-registry-vpc.{region}.cr.aliyuncs.com"),
            );
            let custom = field(
                "http_request_host",
                &format!("{}.acme.example", name.replace("acme-", "images-")),
            );
            Instance {
                id: field("instance_id", &format!("cri-{}", rng.letters(16))),
                hosts: [vpc, public.clone(), if own { custom } else { public }],
                source: field("__source__", &format!("10.{}.8.{}", 96 + at, 14 + at * 5)),
                omits: at % 2 == 0,
                ports: at == 1 || at == 4,
            }
        })
        .collect()
}

/// `YYYYMMDD` in the zone of the registry.
fn date(time: Nanos) -> Text {
    let date = chrono::DateTime::from_timestamp_nanos(time + OFFSET).format("%Y%m%d");
    date.to_string().into_bytes().into()
}

/// `,"key":"value"`, escaped.
pub(super) fn field(key: &str, value: &str) -> Text {
    let value = serde_json::Value::from(value).to_string();
    format!(",\"{key}\":{value}").into_bytes().into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn world_has_the_size_it_is_said_to_have() {
        let world = World::new(7, 0);
        assert_eq!(world.instances.len(), 5);
        let names: HashSet<_> = world.repositories.iter().map(|r| &r.name).collect();
        assert!(names.len() >= 2990, "{} distinct repositories", names.len());
        assert!(
            (4800..5800).contains(&world.actors.len()),
            "{} actors",
            world.actors.len()
        );
        let vpcs: HashSet<_> = world
            .peers
            .iter()
            .map(|p| &p.vpc)
            .filter(|v| !v.is_empty())
            .collect();
        assert!(
            (50..=60).contains(&vpcs.len()),
            "{} VPCs in use",
            vpcs.len()
        );
    }

    #[test]
    fn field_escapes() {
        assert_eq!(
            &*field("a", "x \\(linux\\) \"ü"),
            ",\"a\":\"x \\\\(linux\\\\) \\\"ü\"".as_bytes()
        );
    }
}
