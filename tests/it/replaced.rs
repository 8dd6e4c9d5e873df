//! The engine on logs that are replaced as a whole, rewritten in place, and rotated faster than anybody looks: what
//! was read is not counted a second time, and what is still there is read.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use regtrail::engine::SourceState;
use regtrail::source::Spec;

use crate::follow::{Following, line, lines};

/// Writes a file as `rsync` and many editors do: beside it, then over it.
fn replace(following: &Following, name: &str, text: &str) {
    let new = following.path(".new");
    fs::write(&new, text).expect("written");
    fs::rename(new, following.path(name)).expect("renamed");
}

/// Writes a file as `cp` does: emptied, then filled piece by piece.
fn overwrite(following: &Following, name: &str, text: &str) {
    let mut file = File::create(following.path(name)).expect("emptied");
    for piece in text.as_bytes().chunks(50) {
        file.write_all(piece).expect("written");
    }
}

type Write = fn(&Following, &str, &str);

const WAYS: [Write; 4] = [
    replace,
    overwrite,
    |following, name, text| fs::write(following.path(name), text).expect("written"),
    |following, name, text| {
        fs::remove_file(following.path(name)).expect("deleted");
        fs::write(following.path(name), text).expect("written");
    },
];

#[test]
fn a_log_that_is_replaced_as_a_whole_again_and_again_is_not_counted_twice() {
    for write in WAYS {
        let mut following = Following::start(&[("a", lines(0..2))]);
        for len in [3, 4, 60, 61, 2000, 2001] {
            write(&following, "a", &lines(0..len));
            following.wait_for_events(len);
        }
        following.append("a", &line(2001));
        following.assert_whole(2002);
    }
}

/// A second file in the directory is written to at last: when its event is there, the first had its time.
fn settled(following: &mut Following, name: &str, n: usize) {
    following.wait(|status| status.sources[0].note.starts_with("rewritten"));
    following.append(name, &line(n));
    following.wait(|status| status.sources[1].events == 1);
}

#[test]
fn a_line_that_is_changed_is_read_and_the_others_are_not_read_again() {
    for write in WAYS {
        let mut following = Following::start(&[("a", lines(0..20)), ("b", String::new())]);
        write(&following, "a", &lines((0..7).chain([20]).chain(8..20)));
        following.wait_for_events(21);
        settled(&mut following, "b", 21);
        // Lines that came with the change are new.
        write(&following, "a", &lines((0..7).chain(8..20).chain([22])));
        following.wait_for_events(23);
        following.append("a", &line(23));
        following.assert_whole(24);
    }
}

#[test]
fn a_log_of_which_the_first_lines_are_cut_off_is_read_on() {
    for write in WAYS {
        let mut following = Following::start(&[("a", lines(0..1000)), ("b", String::new())]);
        write(&following, "a", &lines(990..1000));
        settled(&mut following, "b", 1000);
        following.append("a", &line(1001));
        following.assert_whole(1002);
    }
}

#[test]
fn a_log_of_which_the_last_lines_are_cut_off_is_read_from_where_it_differs() {
    for write in WAYS {
        let mut following = Following::start(&[("a", lines(0..10))]);
        write(&following, "a", &lines(0..5));
        following.wait(|status| status.sources[0].note.contains("shorter than before"));
        following.append("a", &lines(10..12));
        following.assert_whole(12);
    }
}

#[test]
fn tables_and_documents_that_are_written_as_a_whole_are_not_counted_twice() {
    let table = |numbers: std::ops::Range<usize>| -> String {
        let row = |n| format!("2024-04-12T16:00:{n:02}+08:00,GetBlob,{n}\n");
        "time,action,n\n".to_owned() + &numbers.map(row).collect::<String>()
    };
    let array = |numbers: std::ops::Range<usize>| -> String {
        let records: Vec<String> = numbers.map(|n| line(n).trim().to_owned()).collect();
        format!("[\n{}\n]\n", records.join(",\n"))
    };
    for write in WAYS {
        let mut following = Following::start(&[("a.csv", table(0..5))]);
        write(&following, "a.csv", &table(0..9));
        following.wait_for_events(9);
        // Rotated: the header is the same, and no row.
        write(&following, "a.csv", &table(9..12));
        following.wait_for_events(12);
        following.append("a.csv", "2024-04-12T16:00:12+08:00,GetBlob,12\n");
        following.assert_whole(13);

        let mut following = Following::start(&[("a.json", array(0..5))]);
        write(&following, "a.json", &array(0..9));
        following.assert_whole(9);
    }
}

#[test]
fn a_last_line_without_its_end_is_counted_once() {
    for write in WAYS {
        let text = lines(0..3);
        let mut following = Following::start(&[("a", text.trim_end().to_owned())]);
        write(&following, "a", &lines(0..5));
        following.assert_whole(5);
        // Half a record at the end of the old file is whole in the new one.
        following.append("a", &line(5)[..30]);
        write(&following, "a", &lines(0..8));
        following.assert_whole(8);
    }
}

#[test]
fn rotations_between_two_looks_lose_nothing() {
    let mut following = Following::start(&[("a", lines(0..10))]);
    let mut next = 10;
    for _ in 0..20 {
        following.append("a", &line(next));
        next += 1;
        // Nobody looks in between, or somebody does: either way everything is read once.
        for _ in 0..4 {
            for turn in (1..6).rev() {
                let from = following.path(&format!("a.{turn}"));
                let _ = fs::rename(from, following.path(&format!("a.{}", turn + 1)));
            }
            fs::rename(following.path("a"), following.path("a.1")).expect("renamed");
            fs::write(following.path("a"), lines(next..next + 3)).expect("written");
            next += 3;
        }
        following.wait_for_events(next);
    }
    following.assert_whole(next);
}

#[test]
fn what_was_copied_away_before_a_log_was_emptied_is_read_from_the_copy() {
    let mut following = Following::start(&[("a", lines(0..10))]);
    let mut next = 10;
    for turn in 0..20 {
        // As copytruncate does it, right after the last lines were written.
        following.append("a", &lines(next..next + 3));
        fs::copy(following.path("a"), following.path(&format!("a-{turn}"))).expect("copied");
        let file = File::options().write(true).open(following.path("a"));
        file.expect("there").set_len(0).expect("emptied");
        following.append("a", &lines(next + 3..next + 5));
        next += 5;
        following.wait_for_events(next);
    }
    following.assert_whole(next);
}

#[test]
fn a_copy_that_grows_and_takes_the_place_of_a_log_in_a_directory_is_not_read_twice() {
    let mut following = Following::over(&[("a", lines(0..3))], |path| Spec::Directory(path.into()));
    following.wait_for_events(3);
    for len in [5, 8] {
        fs::write(following.path("a.tmp"), lines(0..len)).expect("written");
        fs::rename(following.path("a.tmp"), following.path("a")).expect("renamed");
        following.wait_for_events(len);
    }
    // One that stays is a file of its own: only what the other has not is read of it.
    fs::write(following.path("b"), lines(0..10)).expect("written");
    following.wait_for_events(10);
    following.append("b", &line(10));
    following.assert_whole(11);
}

#[test]
fn a_directory_in_the_place_of_a_log_is_waited_out() {
    let mut following = Following::start(&[("a", lines(0..3))]);
    fs::remove_file(following.path("a")).expect("deleted");
    fs::create_dir(following.path("a")).expect("made");
    following.wait(|status| {
        matches!(&status.sources[0].state, SourceState::Missing { why } if why.contains("directory"))
    });
    fs::remove_dir(following.path("a")).expect("deleted");
    fs::write(following.path("a"), lines(0..5)).expect("written");
    following.wait(|status| status.sources[0].state == SourceState::Live);
    following.assert_whole(5);
    assert!(Path::new(&*following.status.sources[0].name).ends_with("a"));
}

#[test]
fn a_log_that_was_rotated_and_compressed_between_two_looks_is_read_from_the_archive() {
    let mut following = Following::start(&[("a", lines(0..40))]);
    // Put under a name of rotation before anybody could have read it as the log.
    crate::appear::gzip(&following.path("a.1.gz"), &lines(40..50));
    crate::appear::gzip(&following.path("a.2.gz"), &lines(0..40));
    replace(&following, "a", &lines(50..60));
    following.wait_for_events(60);
    following.assert_whole(60);
}

#[test]
fn what_rotation_deleted_before_it_could_be_read_is_said() {
    let mut following = Following::start(&[("a", lines(0..10))]);
    // Nobody can have looked at the log while another file is put in its place: the old one is gone, and there is one
    // from in between.
    fs::write(following.path("a.1"), lines(20..25)).expect("written");
    replace(&following, "a", &lines(25..30));
    following.wait_for_events(20);
    following.wait(|status| status.sources[0].losses == 1);
    assert_eq!(following.status.events, 20);
}

/// Records of one file, in every arrangement that needs no line end.
const ARRANGEMENTS: [fn(std::ops::Range<usize>) -> String; 6] = [
    |numbers| format!("[{}]", joined(numbers, ",")),
    |numbers| format!("{{\"value\":[{}]}}", joined(numbers, ",")),
    |numbers| {
        format!(
            "{{\n\"count\": 1,\n\"items\": [\n{}\n]\n}}",
            joined(numbers, ",\n")
        )
    },
    |numbers| format!("{{\"data\":[{}]}}", joined(numbers, ", ")),
    |numbers| format!("[\n  {}\n]", joined(numbers, ",\n  ")),
    |numbers| joined(numbers, ""),
];

fn joined(numbers: std::ops::Range<usize>, between: &str) -> String {
    let records: Vec<String> = numbers.map(|n| line(n).trim().to_owned()).collect();
    records.join(between)
}

#[test]
fn an_array_that_is_written_as_a_whole_with_more_in_it_is_not_counted_twice() {
    for write in WAYS {
        for arranged in ARRANGEMENTS {
            for end in ["", "\n"] {
                let text = |len| arranged(0..len) + end;
                let mut following = Following::start(&[("a", text(5))]);
                following.wait_for_events(5);
                for len in [10, 12] {
                    write(&following, "a", &text(len));
                    following.wait_for_events(len);
                }
                following.assert_whole(12);
            }
        }
    }
}

#[test]
fn documents_without_a_line_end_that_appear_in_a_directory_are_read() {
    let mut following = Following::over(&[("x", line(0))], |path| Spec::Directory(path.into()));
    following.wait_for_events(1);
    let mut next = 1;
    for (at, arranged) in ARRANGEMENTS.iter().enumerate() {
        let text = arranged(next..next + 5);
        // Beside it and renamed, and piece by piece where it is seen.
        if at % 2 == 0 {
            replace(&following, &format!("f{at}"), &text);
        } else {
            overwrite(&following, &format!("f{at}"), &text);
        }
        next += 5;
        following.wait_for_events(next);
    }
    following.assert_whole(next);
}

#[test]
fn a_last_record_without_line_end_is_read_once_whatever_becomes_of_its_file() {
    let text = |numbers: std::ops::Range<usize>| lines(numbers).trim_end().to_owned();
    for write in WAYS {
        let mut following = Following::start(&[("a", lines(0..3))]);
        following.append("a", &text(3..4));
        following.wait_for_events(4);
        following.append("a", "\n");
        // Another log in its place, the last line of which has no end either.
        write(&following, "a", &text(4..7));
        following.wait_for_events(7);
        // The same with more.
        write(&following, "a", &text(4..9));
        following.wait_for_events(9);
        // The end of the line comes at last, with the next record.
        following.append("a", &format!("\n{}", text(9..10)));
        following.wait_for_events(10);
        fs::rename(following.path("a"), following.path("a.1")).expect("renamed");
        following.append("a.1", &format!("\n{}", text(10..11)));
        // Nothing is in the new one yet.
        fs::write(following.path("a"), "").expect("written");
        following.wait_for_events(11);
        following.append("a", &line(11));
        following.wait_for_events(12);
        following.append("a", &text(12..13));
        fs::remove_file(following.path("a")).expect("deleted");
        following.assert_whole(13);
    }
}

#[test]
fn half_a_record_that_rotation_leaves_behind_is_one_defect() {
    let mut following = Following::start(&[("a", lines(0..3))]);
    following.append("a", &line(3)[..30]);
    fs::rename(following.path("a"), following.path("a.1")).expect("renamed");
    fs::write(following.path("a"), lines(3..5)).expect("written");
    following.wait_for_events(5);
    following.wait(|status| status.defects == 1);
    let defects = following.engine.defects();
    assert_eq!(
        defects[0].kind,
        regtrail::model::DefectKind::Truncated,
        "{defects:?}"
    );
}

/// A mirror writes both names beside them and puts them in their places, in any order.
#[test]
fn what_a_mirrored_rotation_holds_beyond_what_was_read_is_read_on_in_it() {
    let kinds: [fn(&Path) -> Spec; 2] = [
        |path| Spec::File(path.join("a")),
        |path| Spec::Directory(path.into()),
    ];
    for kind in kinds {
        for log_first in [false, true] {
            let mut following = Following::over(&[("a", lines(0..100))], kind);
            following.wait_for_events(100);
            for turn in 0..3 {
                let before = turn * 20 + if turn == 0 { 0 } else { 90 };
                let read = 100 + turn * 20;
                let (old, new) = (lines(before..read + 10), lines(read + 10..read + 20));
                let name = format!("a.{}", turn + 1);
                if log_first {
                    replace(&following, "a", &new);
                    following.wait_for_events(read + 10);
                    replace(&following, &name, &old);
                } else {
                    replace(&following, &name, &old);
                    replace(&following, "a", &new);
                }
                following.wait_for_events(read + 20);
            }
            following.append("a", &line(160));
            following.assert_whole(161);
        }
    }
}

#[test]
fn a_copy_of_a_log_that_is_replaced_by_a_longer_one_is_not_read_beside_it() {
    for copy_first in [false, true] {
        let mut following = Following::start(&[("a", lines(0..100))]);
        for len in [110, 120] {
            let (copy, log) = (lines(0..len), lines(0..len + 5));
            if copy_first {
                replace(&following, "a.1", &copy);
                replace(&following, "a", &log);
            } else {
                replace(&following, "a", &log);
                following.wait_for_events(len + 5);
                replace(&following, "a.1", &copy);
            }
            following.wait_for_events(len + 5);
        }
        following.append("a", &line(125));
        following.assert_whole(126);
    }
}

/// A writer that does not append leaves a hole where the log was emptied; the copy of that has the length of what was
/// read of the copy before.
#[test]
fn a_copy_that_is_written_over_with_holes_and_what_was_read_is_not_read_again() {
    let mut following = Following::start(&[("a", lines(0..100))]);
    fs::write(following.path("a.1"), lines(0..50)).expect("written");
    let hole = |len: usize| "\0".repeat(lines(0..len).len());
    let emptied = hole(50) + &lines(100..110);
    fs::write(following.path("a"), &emptied).expect("written");
    following.wait_for_events(110);
    fs::write(following.path("a.1"), &emptied).expect("written");
    following.append("a", &line(110));
    following.wait_for_events(111);
    fs::write(following.path("a"), hole(60) + &lines(111..115)).expect("written");
    following.wait_for_events(115);
    following.append("a", &line(115));
    following.assert_whole(116);
}
