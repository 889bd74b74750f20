//! What a call of a helpdesk costs until it is answered: verified over its raw bytes, read, queued. Fails where the median of
//! a source is [`LIMIT`] or more.
//!
//! `cargo bench -p within24-tests --bench webhook [-- --runs 2000]`
//!
//! It measures the function's own time: the handler that Lambda runs, with secrets that have been read and a queue in memory.
//! On AWS the call of SQS comes on top, and once in five minutes that of Secrets Manager.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark is a command")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use within24::domain::store::StoreId;
use within24::domain::webhook::Source;
use within24_local::helpdesk::{KnownSecrets, Queue};
use within24_tests::helpdesks::{answered, api_event, headers, secret};

/// What a call may take.
const LIMIT: Duration = Duration::from_millis(10);
/// Calls that are not counted.
const WARM_UP: usize = 100;
/// What a helpdesk adds that sends the whole conversation along.
const CONVERSATION: usize = 100 * 1024;

fn main() -> ExitCode {
    match measure() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("webhook: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// How many calls of each kind; `None` if cargo runs this as a test, where there is nothing to measure.
fn runs(arguments: impl Iterator<Item = String>) -> Result<Option<usize>> {
    let (mut runs, mut bench) = (2000, false);
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => bench = true,
            "--runs" => {
                let value = arguments.next().context("--runs needs a value")?;
                runs = value.parse().context("--runs takes a number")?;
            }
            _ => bail!("unknown argument {argument}; there is --runs"),
        }
    }
    ensure!(runs > 0, "--runs must be at least 1");
    Ok(bench.then_some(runs))
}

/// Measures and prints; says whether every source kept within its limit.
fn measure() -> Result<bool> {
    let Some(runs) = runs(std::env::args().skip(1))? else {
        return Ok(true);
    };
    println!("{:<12} {:>8} {:>12} {:>12}", "source", "bytes", "median", "99 in 100");
    let mut kept = true;
    for &source in Source::ALL {
        for more in [0, CONVERSATION] {
            let (bytes, mut times) = time(source, more, runs)?;
            times.sort_unstable();
            let (median, most) = (times[times.len() / 2], times[times.len() * 99 / 100]);
            println!("{:<12} {bytes:>8} {median:>12.1?} {most:>12.1?}", source.as_str());
            kept &= median < LIMIT;
        }
    }
    Ok(kept)
}

/// The size of the call's body, and what each call took.
fn time(source: Source, more: usize, runs: usize) -> Result<(usize, Vec<Duration>)> {
    let now: Timestamp = "2026-03-02T12:00:00Z".parse()?;
    let store = StoreId::parse("de").context("a store's id")?;
    let mut known = KnownSecrets::default();
    // Two are active, as while one is changed.
    let both = json!([secret(source), "an-older-secret-00"]);
    ensure!(known.learn(&store, BTreeMap::from([(source.as_str().to_owned(), both)])));
    let mut body = answered(source, "a1b2c3d4e5f6g7h@marketplace.amazon.de", now);
    if more > 0 {
        body["conversation"] = "Guten Tag, das Paket kommt am Freitag. ".repeat(more / 39).into();
    }
    let body = body.to_string();
    let signed = headers(source, secret(source), body.as_bytes(), now);
    let event = api_event(source.as_str(), &signed, body.as_bytes(), false);
    let queue = Queue::default();
    let runtime = Builder::new_current_thread().build()?;
    let mut times = Vec::with_capacity(runs);
    for round in 0..WARM_UP + runs {
        let started = Instant::now();
        let answer: Value = runtime.block_on(helpdesk_webhook::handler(&known, &queue, &event, now, |_| {}));
        let took = started.elapsed();
        ensure!(
            answer["statusCode"] == 200 && queue.take().len() == 1,
            "{source:?}: {answer}"
        );
        if round >= WARM_UP {
            times.push(took);
        }
    }
    Ok((body.len(), times))
}
