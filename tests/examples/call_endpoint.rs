//! Tells an endpoint on this machine of an event, through the function's own handler and client: for receivers in other
//! languages that verify it (`tests/stack/test_outgoing.py`).
//!
//! `call_endpoint PORT CERTIFICATE` calls `https://hooks.example.com:PORT/`, which is 127.0.0.1 here, trusts the certificate
//! (a file, DER), changes the secret half-way, and prints `{"secrets":[old,new],"attempts":[…],"events":[…]}`.

use std::io;
use std::net::IpAddr;

use anyhow::{Context, Result, bail};
use serde_json::json;
use within24::adapters::https::{Caller, Resolve};
use within24::app::endpoints;
use within24::domain::event::{Event, WindowCount};
use within24::domain::store::{Store, StoreId};
use within24::lambda::clock;
use within24::ports::{Change, Commit, PublishEvents};
use within24::testing::Memory;
use within24_local::endpoints::Outgoing;
use within24_tests::endpoints::person;

/// Every name is this machine.
struct Here;

impl Resolve for Here {
    async fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<IpAddr>> {
        Ok(vec![[127, 0, 0, 1].into()])
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "what it prints is what it is for")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, certificate] = &arguments[..] else {
        bail!("usage: call_endpoint PORT CERTIFICATE");
    };
    let certificate = std::fs::read(certificate).context("the certificate")?;
    let caller = Caller::anywhere(vec![certificate], Here, |_| Ok(()))?;
    let world = Memory::default();
    let store = StoreId::parse("de").context("a name")?;
    world.put_store(Store::new(store.clone(), "shop@inbox.example", "shop@inbox.example"));
    let url = format!("https://hooks.example.com:{port}/");
    let made = endpoints::create(&world, &store, &url, &[], &person(), clock::now(), &[7; 24]).await?;
    let outgoing = Outgoing::new(clock::now);
    let mut events = Vec::new();
    let mut secrets = vec![made.secret.expose()];
    for within in 0..2 {
        let windows = vec![WindowCount {
            days: 7,
            within,
            late: 0,
        }];
        let event = Event::rolled_up(&store, windows, clock::now());
        world.commit(vec![Change::Event(Box::new(event.clone()))]).await?;
        outgoing.publish(std::slice::from_ref(&event)).await?;
        outgoing.turn(&world, &caller, |_| {}).await?;
        events.push(event.key.as_str().to_owned());
        if within == 0 {
            let next = endpoints::rotate(&world, &store, &made.endpoint.id, &person(), clock::now(), &[8; 64]).await?;
            secrets.push(next.expose());
        }
    }
    let attempts: Vec<u32> = world.all_calls().iter().map(|call| call.attempts).collect();
    println!(
        "{}",
        json!({"secrets": secrets, "attempts": attempts, "events": events})
    );
    Ok(())
}
