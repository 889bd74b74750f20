//! `within24 serve`: the whole system on one machine, for trying it with a real helpdesk, script or person.
//!
//! A folder stands for the account: a file for the table, folders for the bucket, the queues, SES and the operator's inbox. What
//! was accepted is on the disk before it is answered, so nothing is lost whenever the process dies; `left_over` takes it up.

mod admin;
mod board;
mod clockwork;
mod drop_box;
mod durable;
pub mod folder;
pub mod http;
mod left_over;
mod pending;
mod queue;
mod rollups;
mod secrets;
mod sent;
pub mod site;
mod welcome;

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use within24::domain::alert::OperatorLanguage;
use within24::lambda::api::Limit;
use within24::lambda::telemetry;

pub use self::admin::token as admin_token;
pub use self::board::{Board, Calling};
use self::folder::{DataFolder, Lock, Locked, Server, USUAL};
pub use self::sent::SentFolder;
use self::site::Site;

/// How long requests have to end once the server is told to.
const FAREWELL: Duration = Duration::from_secs(20);

/// How the server runs.
#[derive(Args, Debug)]
pub struct Settings {
    /// The folder that holds everything: delete it to begin anew.
    #[arg(long, value_name = "DIR", default_value = USUAL)]
    data: PathBuf,
    /// Where it listens. Anything but this machine's own address needs a proxy with TLS before it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9824")]
    listen: SocketAddr,
    /// The language of the operator's mails: en, de, ja, zh or ko.
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    alert_language: OperatorLanguage,
    /// How much is logged, on standard error: error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: String,
}

fn language(tag: &str) -> Result<OperatorLanguage, &'static str> {
    OperatorLanguage::parse(tag).ok_or("one of en, de, ja, zh, ko")
}

/// Serves until it is told to end (Ctrl-C, SIGTERM).
///
/// # Errors
/// Where the folder is another process's, the address is taken, or this machine fails.
pub fn run(settings: &Settings) -> Result<()> {
    let logs = telemetry::subscriber(&settings.log_level, std::io::stderr);
    tracing::subscriber::set_global_default(logs).context("logging cannot be started")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (site, _lock) = runtime.block_on(serve(settings))?;
    // Nothing is in hand after this, not even what nobody waits for any more.
    drop(runtime);
    site.rest();
    say("All that was accepted is kept. Goodbye.\n")
}

/// Gives the site and the lock on its folder, to be let go of last.
async fn serve(settings: &Settings) -> Result<(Arc<Site>, Lock)> {
    let data = DataFolder::new(&settings.data);
    data.make()?;
    let mut lock = match data.lock()? {
        Locked::Ours(lock) => lock,
        Locked::Served(Server { url, process }) => bail!(
            "{} is served already, at {url} (process {process}); end that server first, or take another --data",
            settings.data.display()
        ),
        Locked::Busy => bail!("another within24 command uses {}: try again", settings.data.display()),
    };
    let listener = TcpListener::bind(settings.listen).await;
    let listener = listener.with_context(|| format!("{} cannot be listened at", settings.listen))?;
    let address = listener.local_addr()?;
    let site = Arc::new(Site::open(&data, settings.alert_language).await?);
    let token = admin_token(&data, site.table()).await?;
    let url = format!("http://{}", reached_at(address));
    let (ending, stop) = watch::channel(false);
    lock.name(&Server {
        url: url.clone(),
        process: std::process::id(),
    })?;
    say(&welcome::text(&url, &data, &token, !address.ip().is_loopback()))?;

    let mut told = stop.clone();
    let until = async move {
        // The sender outlives the server.
        let _ = told.wait_for(|stop| *stop).await;
    };
    let server = axum::serve(listener, http::router(&site, Limit::default())).with_graceful_shutdown(until);
    let requests = until_told(tokio::spawn(server.into_future()), ending);
    let (finished, ()) = tokio::join!(requests, clockwork::run(&site, stop));
    finished?;
    // What the last requests wrote.
    site.send_pending().await;
    Ok((site, lock))
}

/// Where this machine reaches what listens at this address.
fn reached_at(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// Waits until the process is told to end, and then for the requests that are being answered.
async fn until_told(mut server: JoinHandle<std::io::Result<()>>, ending: watch::Sender<bool>) -> Result<()> {
    let signal = tokio::select! {
        ended = &mut server => Err(ended.map_or_else(Into::into, |ended| match ended {
            Ok(()) => anyhow!("the server ended by itself"),
            Err(error) => error.into(),
        })),
        signal = signalled() => signal,
    };
    ending.send_replace(true);
    signal?;
    say("\nFinishing what is in hand …\n")?;
    if tokio::time::timeout(FAREWELL, server).await.is_err() {
        say("A request did not end in time: it is cut off.\n")?;
    }
    Ok(())
}

/// What people read.
fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Waits until the process is told to end.
#[cfg(unix)]
async fn signalled() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    Ok(())
}

/// Waits until the process is told to end.
#[cfg(not(unix))]
async fn signalled() -> Result<()> {
    Ok(tokio::signal::ctrl_c().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_everywhere_is_reached_on_this_machine() {
        for (listens, reached) in [
            ("0.0.0.0:9824", "127.0.0.1:9824"),
            ("[::]:9824", "[::1]:9824"),
            ("10.0.0.7:80", "10.0.0.7:80"),
        ] {
            assert_eq!(reached_at(listens.parse().unwrap()).to_string(), reached);
        }
    }
}
