//! Reading by shard: splits, merges, checkpoints, cursors.

use std::sync::Arc;

use chrono::Utc;
use regtrail::source::sls::Mode;
use regtrail::source::sls::checkpoint::FileCheckpoints;

use super::{fill, ids, once, settings, start};
use crate::loopback::sls::{LOGSTORE, Log, Shard, Sls};
use crate::loopback::watch::Delivered;

#[tokio::test]
async fn tail_follows_splits_and_merges_to_the_end_of_the_parents() {
    let server = Sls::start([0]).await;
    let mut expected = fill(&server, 0, "parent", 500, 100);
    let mut settings = settings(&server, Mode::Tail);
    settings.tuning.groups = 50;
    let mut run = start(settings);
    run.until_count(100).await;
    {
        let mut world = server.world();
        let now = Utc::now().timestamp();
        for id in ids("last", 200) {
            world.log(0, now, &id);
            expected.push(id);
        }
        world.shards[0].read_only = true;
        world.shards.extend([1, 2].map(|id| Shard {
            id,
            ..Shard::default()
        }));
        for shard in [1, 2] {
            for id in ids(&format!("child{shard}-"), 100) {
                world.log(shard, now, &id);
                expected.push(id);
            }
        }
    }
    run.until_count(expected.len()).await;
    {
        let mut world = server.world();
        for shard in &mut world.shards {
            shard.read_only = true;
        }
        world.shards.push(Shard {
            id: 3,
            ..Shard::default()
        });
        world.log(3, Utc::now().timestamp(), "merged");
        expected.push("merged".to_owned());
    }
    run.until_count(expected.len()).await;
    run.until("live", Delivered::is_live).await;
    // The parents were left, the merged shard is still asked.
    let pulls = |id: i64| {
        let path = format!("/logstores/{LOGSTORE}/shards/{id}");
        server
            .server
            .asked()
            .iter()
            .filter(|r| r.path() == path && r.param("type") == "logs")
            .count()
    };
    let (parent, merged) = (pulls(0), pulls(3));
    server.world().log(3, Utc::now().timestamp(), "one more");
    expected.push("one more".to_owned());
    run.until_count(expected.len()).await;
    assert_eq!(pulls(0), parent);
    assert!(pulls(3) > merged);
    run.stop().await.assert_each_once("id", expected);
}

#[tokio::test]
async fn tail_resumes_where_a_run_stopped() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Sls::start([0, 1]).await;
    let mut expected = fill(&server, 0, "a", 120, 100);
    expected.extend(fill(&server, 1, "b", 80, 100));
    let mut settings = settings(&server, Mode::Tail);
    settings.checkpoints = Some(Arc::new(FileCheckpoints::in_directory(
        directory.path(),
        "h",
        LOGSTORE,
    )));
    let mut run = start(settings.clone());
    run.until_count(200).await;
    run.stop().await.assert_each_once("id", expected);
    {
        let mut world = server.world();
        world.shards[1].read_only = true;
        world.shards.push(Shard {
            id: 2,
            ..Shard::default()
        });
        for (shard, id) in [(0, "x"), (1, "y"), (2, "z")] {
            world.log(shard, Utc::now().timestamp(), id);
        }
    }
    let mut run = start(settings);
    run.until_count(3).await;
    run.until("live", Delivered::is_live).await;
    let seen = run.stop().await;
    assert!(seen.notes.iter().any(|n| n.contains("resumed")));
    seen.assert_each_once("id", ["x", "y", "z"].map(str::to_owned));
}

#[tokio::test]
async fn a_cursor_that_is_refused_is_sought_again_and_nothing_comes_twice() {
    let server = Sls::start([0]).await;
    let mut expected = fill(&server, 0, "a", 100, 100);
    let mut run = start(settings(&server, Mode::Tail));
    run.until_count(100).await;
    server.world().epoch = 1;
    expected.extend(fill(&server, 0, "b", 50, 10));
    run.until_count(150).await;
    run.until("a mark", |seen| {
        seen.marks.iter().any(|n| n.contains("cursor was refused"))
    })
    .await;
    let seen = run.stop().await;
    assert_eq!(seen.losses, [""; 0]);
    seen.assert_each_once("id", expected);
}

#[tokio::test]
async fn what_the_service_let_go_before_it_was_read_is_told_as_a_gap() {
    let server = Sls::start([0]).await;
    let mut expected = fill(&server, 0, "a", 100, 100);
    let mut run = start(settings(&server, Mode::Tail));
    run.until_count(100).await;
    {
        let mut world = server.world();
        let now = Utc::now().timestamp();
        for (i, id) in ids("b", 50).iter().enumerate() {
            world.log(0, now, id);
            if i >= 20 {
                expected.push(id.clone());
            }
        }
        world.retained = 120;
    }
    run.until_count(130).await;
    run.until("a gap", |seen| !seen.losses.is_empty()).await;
    let seen = run.stop().await;
    assert!(seen.losses[0].contains("shard 0"), "{:?}", seen.losses);
    seen.assert_each_once("id", expected);
}

#[tokio::test]
async fn the_shards_and_their_cursors_are_told() {
    let server = Sls::start([0, 7]).await;
    fill(&server, 7, "a", 10, 10);
    let mut run = start(settings(&server, Mode::Tail));
    run.until("both caught up", |seen| {
        matches!(seen.parts.as_slice(), [zero, seven]
            if zero.starts_with("shard 0: caught up") && seven.starts_with("shard 7: caught up") && seven.contains("cursor "))
    })
    .await;
    server.world().shards[0].read_only = true;
    run.until("the end of one", |seen| {
        seen.parts[0].starts_with("shard 0, read-only: read to the end")
    })
    .await;
    run.until("polls", |seen| seen.polls > 3).await;
    run.stop().await;
}

#[tokio::test]
async fn tail_read_once_stops_at_the_end_as_it_was_at_the_start() {
    let server = Sls::start([0]).await;
    fill(&server, 0, "a", 30, 10);
    let mut settings = once(&server, Mode::Tail);
    settings.tuning.groups = 10;
    let mut run = start(settings);
    run.until_count(10).await;
    // The end was asked for before the first pull.
    server.world().log(0, Utc::now().timestamp(), "too late");
    run.end().await.expect("good");
    run.seen.assert_each_once("id", ids("a", 30));
}

#[tokio::test]
async fn a_tail_stops_at_its_end_now_or_when_it_comes() {
    let server = Sls::start([0, 1]).await;
    let mut expected = fill(&server, 0, "a", 30, 10);
    let now = Utc::now().timestamp();
    for (received, id) in [(now - 100, "before"), (now - 20, "after")] {
        let mut world = server.world();
        world.log(1, received, id);
        world.shards[1]
            .logs
            .last_mut()
            .expect("just added")
            .received = received;
    }
    // An end that has passed.
    let mut past = settings(&server, Mode::Tail);
    past.until = Some(now - 60);
    let mut run = start(past);
    run.end().await.expect("good");
    assert_eq!(run.seen.values("id"), ["before"]);
    // One that comes: until then it is live.
    let mut coming = settings(&server, Mode::Tail);
    coming.until = Some(now + 2);
    let mut run = start(coming);
    run.until("live", Delivered::is_live).await;
    server.world().log(0, now, "meanwhile");
    run.until_count(33).await;
    run.end().await.expect("good");
    expected.extend(["before", "after", "meanwhile"].map(str::to_owned));
    run.seen.assert_each_once("id", expected);
}

#[tokio::test]
async fn records_without_a_time_come_once_each_from_a_shard() {
    let server = Sls::start([0]).await;
    let now = Utc::now().timestamp();
    let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let mut expected = Vec::new();
    // A time that does not fit the field of the protocol is cut to it.
    for time in [0, 1, -5, i64::from(u32::MAX), now * 1000] {
        for said in ["", "-", "soon", "1712911110855"] {
            let id = format!("{time} {said}");
            let fields = vec![
                field("id", &id),
                field("time", said),
                field("__time__", said),
                field("__time_ns_part__", "4294967295"),
            ];
            let received = now;
            server.world().push(
                0,
                Log {
                    time,
                    received,
                    fields,
                },
            );
            expected.push(id);
        }
    }
    let mut run = start(settings(&server, Mode::Tail));
    run.until("live", Delivered::is_live).await;
    // A cursor that is refused has everything read again.
    server.world().epoch += 1;
    run.until("marked", |seen| !seen.marks.is_empty()).await;
    run.until_count(expected.len()).await;
    run.seen.assert_each_once("id", expected);
}
