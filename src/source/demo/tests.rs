//! Tests of the whole generator.

use std::time::Instant;

use super::*;

#[test]
fn speed() {
    let started = Instant::now();
    let mut generator = Generator::new(Config {
        seed: 7,
        events: 1_000_000,
        end: END,
    });
    let world = started.elapsed();
    let mut out = Vec::with_capacity(1 << 20);
    let (mut events, mut bytes) = (0_u64, 0_u64);
    let started = Instant::now();
    while generator.next_into(&mut out) {
        events += 1;
        if out.len() > 1 << 18 {
            bytes += out.len() as u64;
            out.clear();
        }
    }
    bytes += out.len() as u64;
    let took = started.elapsed().as_secs_f64();
    println!(
        "world {world:?}, {events} events, {bytes} bytes in {took:.3} s: {:.0} events/s",
        events as f64 / took
    );
    assert_eq!(events, 1_000_000);
}

/// 2024-04-12 16:58:30 +08:00, a Friday.
const END: Nanos = 1_712_912_310 * SECOND;
