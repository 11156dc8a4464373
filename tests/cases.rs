//! Every scenario of `tests/cases/*.txt` on the engine, in RESP2 and in RESP3; one test each. And
//! once on the slow model, which so stands behind the scenarios that no server at hand is new
//! enough for.

mod host;
mod model;
mod resp;
mod scenario;

use eddyline::Limits;
use host::Host;
use libtest_mimic::{Arguments, Trial};
use model::{Model, Visit};
use resp::Protocol;
use scenario::{Scenario, Step};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for (file, scenarios) in scenario::all() {
        for scenario in scenarios {
            for protocol in [Protocol::Resp2, Protocol::Resp3] {
                trials.push(on_engine(&file, scenario.clone(), protocol));
            }
            if in_the_model(&scenario) {
                trials.push(on_model(&file, scenario));
            }
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn on_engine(file: &str, scenario: Scenario, protocol: Protocol) -> Trial {
    let name = format!("engine: {file}: {} ({protocol})", scenario.name);
    Trial::test(name, move || {
        let mut host = Host::new(Limits::default());
        Ok(scenario::run(&scenario, &mut host, protocol)?)
    })
}

fn on_model(file: &str, scenario: Scenario) -> Trial {
    Trial::test(format!("model: {file}: {}", scenario.name), move || {
        let mut visit = Visit::new(Model::new(host::START_MS));
        Ok(scenario::run(&scenario, &mut visit, Protocol::Resp2)?)
    })
}

/// Whether every command of the scenario is one that the model gives a meaning to.
fn in_the_model(scenario: &Scenario) -> bool {
    scenario.steps.iter().all(|(_, step)| match step {
        Step::Command { argv, .. } => Model::knows(argv),
        _ => true,
    })
}
