//! Random sequences on the engine and on live Redis servers, reply by reply, and the differences
//! that are listed, each with what shows it.
//!
//! A run takes some sequences that every run takes, and some that no run had before. It prints their
//! seeds. `EDDYLINE_SEED` is the seed to begin with instead, `fresh` for nothing but new ones;
//! `EDDYLINE_SEQUENCES` is the number of seeds then; where the servers are is said as for `live`.

mod chance;
mod differ;
mod host;
mod resp;
mod scenario;
mod server;
mod shrink;

use differ::{DIFFERENCES, Event, Pair, Sequence, Setting, Used, as_scenario};
use libtest_mimic::{Arguments, Failed, Trial};
use server::{Named, SERVERS, Server};
use shrink::shrunk;
use std::process::ExitCode;

/// The seed to begin with of a run that names none, how many sequences each server is sent from
/// there on, and how many new ones. Most are the same in each run, so that it tells whether the change
/// before it is right rather than whether the dice found something old.
const SEED: u64 = 1;
const SEQUENCES: u64 = 1000;
const FRESH_SEQUENCES: u64 = 200;

/// About how many commands a sequence has.
const LENGTH: u64 = 60;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for named in SERVERS {
        trials.push(trial(&named, "every listed difference is one", listed_differences));
        trials.push(trial(&named, "random sequences", random_sequences));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(named: &Named, name: &str, test: fn(&Server) -> Result<(), Failed>) -> Trial {
    let named = *named;
    let trial = Trial::test(format!("{}: {name}", named.name), move || {
        let server = Server::find(&named).ok_or("there is no server")?;
        test(&server)
    });
    trial.with_ignored_flag(!named.is_there())
}

/// What shows a difference does show it: none stands in the table that is none any more.
fn listed_differences(server: &Server) -> Result<(), Failed> {
    let release = server.release();
    for difference in DIFFERENCES.iter().filter(|difference| difference.servers.contains(&release))
    {
        let (used, setting) = (Used::default(), Setting::default());
        let mut pair = Pair::new(server, &setting, &used);
        let of = |problem: String| format!("{} ({}): {problem}", difference.name, difference.why);
        for line in difference.shown_by {
            let argv = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            pair.step(&Event::Send { client: 0, argv, held: false }).map_err(of)?;
        }
        if !used.borrow().contains(difference.name) {
            return Err(of("does not show".to_string()).into());
        }
        if std::mem::take(&mut pair.is_apart) && pair.look().is_ok() {
            return Err(of("the two hold the same".to_string()).into());
        }
    }
    Ok(())
}

fn random_sequences(server: &Server) -> Result<(), Failed> {
    let seed = std::env::var("EDDYLINE_SEED").ok();
    let runs = number("EDDYLINE_SEQUENCES").unwrap_or(SEQUENCES);
    match seed.as_deref() {
        None => {
            try_sequences(server, SEED, runs)?;
            try_sequences(server, differ::now_ms(), FRESH_SEQUENCES)
        }
        Some("fresh") => try_sequences(server, differ::now_ms(), runs),
        Some(seed) => try_sequences(server, seed.parse().expect("a number"), runs),
    }
}

/// The first sequence that is answered otherwise is shrunk and shown.
fn try_sequences(server: &Server, first: u64, runs: u64) -> Result<(), Failed> {
    let release = server.release();
    println!("{release:?}: EDDYLINE_SEED={first} EDDYLINE_SEQUENCES={runs}");
    for seed in first..first + runs {
        let sequence = Sequence::of(seed, release, LENGTH);
        let law = |events: &[Event]| same_or_stalled(server, &sequence.setting, events);
        if let Some((events, problem)) = shrunk(sequence.events.clone(), &law) {
            let scenario = as_scenario(&Sequence { events, ..sequence }, server);
            return Err(format!("EDDYLINE_SEED={seed}: {problem}\n\n{scenario}").into());
        }
    }
    Ok(())
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// [`same`], once more when it was not: a machine that stalls between two commands lets a deadline
/// pass on one side only, and does not do so twice at the same place.
fn same_or_stalled(server: &Server, setting: &Setting, events: &[Event]) -> Result<(), String> {
    let Err(problem) = same(server, setting, events) else { return Ok(()) };
    println!("once more, as it was otherwise: {problem}");
    same(server, setting, events)
}

/// Whether the events make no difference that is not listed.
fn same(server: &Server, setting: &Setting, events: &[Event]) -> Result<(), String> {
    let used = Used::default();
    let mut pair = Pair::new(server, setting, &used);
    for event in events {
        pair.step(event)?;
        if pair.is_apart {
            return Ok(());
        }
    }
    pair.look()
}
