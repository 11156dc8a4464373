//! Makes a sequence that breaks a law small.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `law`; a panic is a failure as an error is.
fn fails<E>(law: &dyn Fn(&[E]) -> Result<(), String>, events: &[E]) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| law(events))) {
        Ok(Ok(())) => None,
        Ok(Err(problem)) => Some(problem),
        Err(panic) => Some(
            panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
                .unwrap_or_else(|| "a panic".to_string()),
        ),
    }
}

/// The smallest part of `events` found on which the law still fails, and how; `None`: it holds.
pub(crate) fn shrunk<E: Clone>(
    events: Vec<E>,
    law: &dyn Fn(&[E]) -> Result<(), String>,
) -> Option<(Vec<E>, String)> {
    let mut problem = fails(law, &events)?;
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut events = events;
    let mut size = events.len().div_ceil(2);
    loop {
        let mut smaller = false;
        let mut at = 0;
        while at < events.len() {
            let mut candidate = events.clone();
            candidate.drain(at..(at + size).min(events.len()));
            match fails(law, &candidate) {
                Some(found) => {
                    (events, problem, smaller) = (candidate, found, true);
                }
                None => at += size,
            }
        }
        if size > 1 {
            size = size.div_ceil(2);
        } else if !smaller {
            break;
        }
    }
    std::panic::set_hook(hook);
    Some((events, problem))
}
