//! Every scenario of `tests/cases/*.txt` on live Redis servers: it proves the scenarios, which then
//! prove the engine.
//!
//! `EDDYLINE_REDIS_SERVER` and `EDDYLINE_REDIS_8_SERVER` are paths of `redis-server`s, which are
//! started on free loopback ports and stopped at the end; `EDDYLINE_REDIS_ADDR` and
//! `EDDYLINE_REDIS_8_ADDR` are the `host:port` of ones that run already and **are emptied**. What
//! is not there is counted as ignored.

mod resp;
mod scenario;
mod server;

use libtest_mimic::{Arguments, Trial};
use resp::Protocol;
use scenario::{Need, Scenario};
use server::{Named, SERVERS, Server, Visit};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// A server that the trials take turns with; `None`: there is none.
type Shared = Arc<Mutex<Option<Server>>>;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A server has one keyspace.
    arguments.test_threads = Some(1);
    let mut trials = Vec::new();
    let mut servers = Vec::new();
    for named in SERVERS {
        let server = if arguments.list { None } else { Server::find(&named) };
        let release = server.as_ref().map(Server::release);
        let server = Arc::new(Mutex::new(server));
        servers.push(Arc::clone(&server));
        for (file, scenarios) in scenario::all() {
            for scenario in scenarios {
                for protocol in [Protocol::Resp2, Protocol::Resp3] {
                    trials.push(trial(&named, &server, release, &file, &scenario, protocol));
                }
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    for server in servers {
        if let Ok(mut server) = server.lock() {
            drop(server.take());
        }
    }
    conclusion.exit_code()
}

fn trial(
    named: &Named,
    server: &Shared,
    release: Option<(u32, u32)>,
    file: &str,
    scenario: &Scenario,
    protocol: Protocol,
) -> Trial {
    let runs = release.is_some_and(|release| can_run(release, &scenario.needs));
    let name = format!("{}: {file}: {} ({protocol})", named.name, scenario.name);
    let (server, scenario) = (Arc::clone(server), scenario.clone());
    let trial = Trial::test(name, move || {
        let server = server.lock().map_err(|_| "an earlier test broke off")?;
        let server = server.as_ref().ok_or("there is no server")?;
        let mut visit = Visit::new(server);
        Ok(scenario::run(&scenario, &mut visit, protocol)?)
    });
    trial.with_ignored_flag(!runs)
}

fn can_run(release: (u32, u32), needs: &[Need]) -> bool {
    needs.iter().all(|need| match need {
        Need::Release(major, minor) => (*major, *minor) <= release,
        Need::Connection | Need::Blocking => true,
    })
}
