//! What sweeps cost: the same for 1,000 and for 200,000 open threads with the same 50 due; and how 20,000 overdue threads are
//! dealt with after an outage of six hours. On the embedded DynamoDB, by the capacity it reports.
//!
//! `cargo bench -p within24-tests --bench sweep [-- --open 200000 --overdue 20000]`
//!
//! Fails where the read units differ by more than 5 %, an alert is raised twice, or a run does not go by deadline.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark is a command")]

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use jiff::{SignedDuration, Timestamp};
use within24::app::sweep::MOST_DUE;
use within24::domain::alert::OperatorLanguage;
use within24::domain::alias::Alias;
use within24::domain::clock::{Level, shift};
use within24::domain::event::{Event, What};
use within24::domain::key::Key;
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread};
use within24::ports::{Change, Commit};
use within24_local::machine::Machine;
use within24_tests::worlds;

/// How far the read units may be apart.
const TOLERANCE: f64 = 0.05;
/// Due threads beside the open ones.
const DUE: usize = 50;
const NOW: &str = "2026-03-03T12:00:00Z";

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sweep: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The numbers of the command line; `None` if cargo runs this as a test, where there is nothing to measure.
fn options() -> Result<Option<(usize, usize)>> {
    let (mut open, mut overdue, mut bench) = (200_000, 20_000, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || -> Result<usize> {
            let value = arguments.next().with_context(|| format!("{argument} needs a number"))?;
            value.parse().with_context(|| format!("{argument} needs a number"))
        };
        match argument.as_str() {
            "--bench" => bench = true,
            "--open" => open = number()?,
            "--overdue" => overdue = number()?,
            _ => bail!("unknown argument {argument}; there are --open and --overdue"),
        }
    }
    Ok(bench.then_some((open, overdue)))
}

fn measure() -> Result<()> {
    let Some((open, overdue)) = options()? else {
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        println!(
            "{:>10} {:>6} {:>12} {:>12} {:>10}",
            "open", "due", "read units", "write units", "time"
        );
        let few = idle_and_due(1000).await?;
        let many = idle_and_due(open).await?;
        ensure!(
            (few - many).abs() <= few * TOLERANCE,
            "{few} and {many} read units: the cost follows the backlog"
        );
        outage(overdue).await
    })
}

fn store() -> Store {
    Store::new(StoreId::parse("de").expect("a name"), "*", "shop@inbox.example")
}

async fn fill(machine: &Machine, numbers: std::ops::Range<usize>, since: impl Fn(usize) -> Timestamp) -> Result<()> {
    let store = store();
    let thread = |number: usize| {
        let alias = Alias::parse(&format!("b{number:013}@marketplace.amazon.de")).expect("an alias");
        let at = since(number);
        let mut thread = Thread::open(store.id.clone(), alias, &Key::of(&[number.to_string()]), at);
        thread.wait(Some(at), Status::NeedsResponse, &store);
        Change::Thread(Box::new(thread))
    };
    let numbers: Vec<usize> = numbers.collect();
    for part in numbers.chunks(100) {
        machine
            .table()
            .commit(part.iter().map(|number| thread(*number)).collect())
            .await?;
    }
    Ok(())
}

/// The read units of a sweep of 50 due threads beside so many that are not.
async fn idle_and_due(open: usize) -> Result<f64> {
    let (mut machine, _folder) = worlds::machine(NOW).await;
    machine.end_stream().await?;
    machine.table().put_store(&store()).await?;
    fill(&machine, 0..DUE, |_| {
        shift(machine.now(), -SignedDuration::from_hours(21))
    })
    .await?;
    fill(&machine, DUE..DUE + open, |_| {
        shift(machine.now(), -SignedDuration::from_hours(1))
    })
    .await?;
    let start = Instant::now();
    machine.sweep(OperatorLanguage::En).await?;
    let took = start.elapsed();
    let usage = machine.usage()["sweep-sla"];
    ensure!(machine.board().events().len() == DUE, "not all that was due was raised");
    println!(
        "{open:>10} {DUE:>6} {:>12.1} {:>12.1} {:>7} ms",
        usage.read,
        usage.write,
        took.as_millis()
    );
    Ok(usage.read)
}

fn overdue(events: &[Event]) -> Result<Vec<Timestamp>> {
    let due = |event: &Event| match event.what {
        What::Alert {
            level: Level::Overdue,
            due,
            ..
        } => Ok(due),
        _ => bail!("only overdue alerts are to be raised"),
    };
    events.iter().map(due).collect()
}

/// Six hours without a sweep, then sweeps until nothing is left.
async fn outage(threads: usize) -> Result<()> {
    let (mut machine, _folder) = worlds::machine(NOW).await;
    machine.end_stream().await?;
    machine.table().put_store(&store()).await?;
    let first = shift(machine.now(), -SignedDuration::from_hours(30));
    fill(&machine, 0..threads, |number| {
        shift(first, SignedDuration::from_secs(i64::try_from(number).unwrap_or(0)))
    })
    .await?;
    println!("\nafter an outage: {threads} threads overdue, at most {MOST_DUE} a run");
    let mut raised = 0;
    for run in 1.. {
        let start = Instant::now();
        machine.sweep(OperatorLanguage::En).await?;
        let took = start.elapsed();
        let events = machine.board().events();
        let news = &events[raised..];
        ensure!(news.len() <= MOST_DUE, "a run is bounded");
        if news.is_empty() {
            break;
        }
        ensure!(overdue(news)?.is_sorted(), "the nearest deadline comes first");
        println!("run {run}: {} raised in {:.1} s", news.len(), took.as_secs_f64());
        raised = events.len();
    }
    let keys: BTreeSet<_> = machine.board().events().into_iter().map(|event| event.key).collect();
    ensure!(
        keys.len() == threads && raised == threads,
        "each is raised once: {raised} of {threads}"
    );
    println!(
        "each raised once; {} mails to the operator",
        machine.board().mails().len()
    );
    Ok(())
}
