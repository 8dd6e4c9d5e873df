//! The loop of a measurement, and its lines: for people, or one JSON object each.

use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

/// A measurement ends with the first run after this time, but not before [`LEAST`] runs.
const TIME: Duration = Duration::from_millis(1500);
const LEAST: usize = 5;
const MOST: usize = 101;

/// How much is done by one run.
#[derive(Clone, Copy, Default)]
pub(crate) struct Work {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
}

#[derive(Default)]
pub(crate) struct Report {
    /// JSON lines instead of a table.
    pub(crate) json: bool,
    /// One run each.
    pub(crate) once: bool,
    /// Beginning of the names that are measured.
    pub(crate) only: Option<String>,
}

impl Report {
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only
            .as_deref()
            .is_none_or(|only| name.starts_with(only) || only.starts_with(name))
    }

    /// Times `run`; what `prepare` does before each run and the dropping of what a run gives do not count.
    /// Returns what the last run gave.
    pub(crate) fn time<S, T>(
        &mut self,
        name: &str,
        work: Work,
        mut prepare: impl FnMut() -> S,
        mut run: impl FnMut(S) -> T,
    ) -> Option<T> {
        if !self.wants(name) {
            return None;
        }
        if !self.once {
            run(prepare());
        }
        let mut times = Vec::new();
        let used = used();
        let started = Instant::now();
        let last = loop {
            let input = prepare();
            let begun = Instant::now();
            let output = black_box(run(black_box(input)));
            times.push(begun.elapsed());
            let enough = times.len() >= LEAST && started.elapsed() > TIME;
            if self.once || enough || times.len() >= MOST {
                break output;
            }
        };
        let used = self::used().saturating_sub(used) / times.len() as u32;
        self.tell(name, work, times, Some(used));
        Some(last)
    }

    /// Tells times that were taken elsewhere.
    pub(crate) fn times(&mut self, name: &str, work: Work, times: Vec<Duration>) {
        if !times.is_empty() {
            self.tell(name, work, times, None);
        }
    }

    fn tell(&mut self, name: &str, work: Work, mut times: Vec<Duration>, used: Option<Duration>) {
        times.sort_unstable();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let median = times[times.len() / 2];
        let (least, most) = (times[0], times[times.len() - 1]);
        let seconds = median.as_secs_f64().max(1e-12);
        let (events, bytes) = (work.events as f64 / seconds, work.bytes as f64 / seconds);
        if self.json {
            let mut line = json!({
                "name": name,
                "median_ms": ms(median),
                "min_ms": ms(least),
                "max_ms": ms(most),
                "samples": times.len(),
            });
            if let Some(used) = used {
                line["cpu_ms"] = json!(ms(used));
            }
            if work.events > 0 {
                line["events_per_second"] = json!(events);
            }
            if work.bytes > 0 {
                line["bytes_per_second"] = json!(bytes);
            }
            say(&line.to_string());
            return;
        }
        let rate = |number: f64, unit: &str| match number {
            0.0 => String::new(),
            number => format!("   {number:.2} {unit}"),
        };
        let used = used.map_or_else(String::new, |used| format!("{:>10.3} ms CPU", ms(used)));
        let line = format!(
            "{name:<34} {:>10.3} ms   {:>9.3} – {:<10.3} {used:>17} {:>3} runs{}{}",
            ms(median),
            ms(least),
            ms(most),
            times.len(),
            rate(events / 1e6, "M events/s"),
            rate(bytes / 1e9, "GB/s"),
        );
        say(&line);
    }

    /// Tells something that is not a time.
    pub(crate) fn fact(&mut self, name: &str, fields: &Map<String, Value>) {
        if self.json {
            let mut line = Map::from_iter([("name".to_owned(), Value::from(name))]);
            line.extend(fields.clone());
            say(&Value::Object(line).to_string());
        } else {
            let fields: Vec<String> = fields.iter().map(|(k, v)| format!("{k} {v}")).collect();
            say(&format!("{name:<34} {}", fields.join(", ")));
        }
    }
}

/// Processor time of all threads that live, which other processes disturb less than they do the clock; 0 where the
/// system does not tell.
fn used() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let nanos = threads.flatten().filter_map(|thread| {
        let line = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

fn say(line: &str) {
    // With standard output gone there is nobody to measure for.
    let _ = writeln!(std::io::stdout(), "{line}");
}
