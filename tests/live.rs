//! Every scenario of `tests/cases/*.txt` on a live Redis: it proves the scenarios, which then prove
//! the engine.
//!
//! `EDDYLINE_REDIS_SERVER` is the path of a `redis-server`, which is started on a free loopback
//! port and stopped at the end; `EDDYLINE_REDIS_ADDR` is the `host:port` of one that runs already
//! and **is emptied**. Without either the tests are counted as ignored.

mod resp;
mod scenario;
mod server;

use libtest_mimic::{Arguments, Trial};
use resp::Protocol;
use scenario::Need;
use server::{Server, Visit};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // One server, one keyspace.
    arguments.test_threads = Some(1);
    let server = if arguments.list { None } else { Server::from_environment() };
    let release = server.as_ref().map(Server::release);
    let server = Arc::new(Mutex::new(server));
    let mut trials = Vec::new();
    for (file, scenarios) in scenario::all() {
        for scenario in scenarios {
            for protocol in [Protocol::Resp2, Protocol::Resp3] {
                let runs = release.is_some_and(|release| can_run(release, &scenario.needs));
                let name = format!("{file}: {} ({protocol})", scenario.name);
                let (server, scenario) = (Arc::clone(&server), scenario.clone());
                let trial = Trial::test(name, move || {
                    let server = server.lock().map_err(|_| "an earlier test broke off")?;
                    let server = server.as_ref().ok_or("there is no server")?;
                    let mut visit = Visit::new(server);
                    Ok(scenario::run(&scenario, &mut visit, protocol)?)
                });
                trials.push(trial.with_ignored_flag(!runs));
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Ok(mut server) = server.lock() {
        drop(server.take());
    }
    conclusion.exit_code()
}

fn can_run(release: (u32, u32), needs: &[Need]) -> bool {
    needs.iter().all(|need| match need {
        Need::Release(major, minor) => (*major, *minor) <= release,
        Need::Connection | Need::Blocking | Need::Strings => true,
    })
}
