//! What runs by itself: the stream, the queues and the schedules of a deployed stack, on the real clock.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::drop_box::DropBox;
use super::site::Site;

/// How often the outbox, the queue and the drop folder are looked through.
const LOOK: Duration = Duration::from_secs(1);

/// How often the scheduler sweeps: as in `infra/template.yaml`.
const SWEEP: Duration = Duration::from_mins(5);

/// How often what has expired is forgotten.
const FORGET: Duration = Duration::from_hours(1);

/// Says when to stop.
pub(super) type Stop = watch::Receiver<bool>;

/// Runs until it is told to stop, and then finishes what is in hand.
pub(super) async fn run(site: &Site, stop: Stop) {
    let mut drop_box = DropBox::default();
    tokio::join!(
        every(SWEEP, stop.clone(), async || site.sweep().await),
        every(FORGET, stop.clone(), async || site.forget_expired().await),
        every(LOOK, stop.clone(), async || site.roll_up_if_due().await),
        every(LOOK, stop.clone(), async || site.deal_with_due().await),
        every(LOOK, stop.clone(), async || drop_box.look(site).await),
        every(SWEEP, stop.clone(), async || site.bring_calls()),
        every(LOOK, stop.clone(), async || site.call_endpoints().await),
        send(site, stop),
    );
}

/// Sends as soon as there is something to send; what failed comes again by itself.
async fn send(site: &Site, mut stop: Stop) {
    while !*stop.borrow() {
        site.send_pending().await;
        tokio::select! {
            () = site.pending.bell.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Works at once, and then again and again; a turn that takes longer delays those after it.
async fn every(period: Duration, mut stop: Stop, mut work: impl AsyncFnMut()) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        tokio::select! {
            _ = ticks.tick() => work().await,
            _ = stop.changed() => {}
        }
    }
}
