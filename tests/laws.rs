//! Laws that hold for every sequence of commands: the engine cannot be told from the slow model, nor from what its storage
//! gives back.
//!
//! `EDDYLINE_LAWS_SEED` runs one sequence of each law again, `EDDYLINE_LAWS_RUNS` says how many there are.

mod chance;
mod host;
mod model;
mod resp;
mod scenario;
mod sequence;

use sequence::{Event, Pair, Setting, as_scenario, events, shrunk};

/// The seeds of this run.
fn seeds(runs: u64) -> std::ops::Range<u64> {
    let read = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    match read("EDDYLINE_LAWS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..read("EDDYLINE_LAWS_RUNS").unwrap_or(runs),
    }
}

/// Holds a law against many sequences; the first that breaks it is shrunk and shown.
fn hold(runs: u64, length: u64, law: impl Fn(&Setting, &[Event]) -> Result<(), String>) {
    for seed in seeds(runs) {
        let setting = Setting::of(seed);
        if let Some((events, problem)) = shrunk(events(seed, length), &|events| law(&setting, events)) {
            panic!("seed {seed}: {problem}\n{}", as_scenario(&events, &setting));
        }
    }
}

#[test]
fn the_engine_answers_as_the_model_does() {
    hold(600, 60, |setting, events| {
        let mut pair = Pair::new(setting);
        events.iter().try_for_each(|event| pair.step(event))
    });
}
