//! Every scenario of `tests/cases/*.txt` on the engine, in RESP2 and in RESP3; one test each.

mod host;
mod resp;
mod scenario;

use eddyline::Limits;
use host::Host;
use libtest_mimic::{Arguments, Trial};
use resp::Protocol;
use scenario::{Need, Scenario};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for (file, scenarios) in scenario::all() {
        for scenario in scenarios {
            for protocol in [Protocol::Resp2, Protocol::Resp3] {
                trials.push(trial(&file, scenario.clone(), protocol));
            }
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(file: &str, scenario: Scenario, protocol: Protocol) -> Trial {
    let name = format!("{file}: {} ({protocol})", scenario.name);
    // The engine has the behaviour of the newest release and nothing but streams.
    let skipped = scenario.needs.contains(&Need::Strings);
    Trial::test(name, move || {
        let mut host = Host::new(Limits::default());
        Ok(scenario::run(&scenario, &mut host, protocol)?)
    })
    .with_ignored_flag(skipped)
}
