//! Drafts screened with the store's own settings, as an answer of that store would be. Nothing is stored or logged of them.

use axum::http::StatusCode;
use axum::response::Response;
use screen_reply::wire::ReportOut;
use within24::domain::screening::screen;
use within24::domain::store::StoreId;
use within24::lambda::api::{Call, Invalid, Object, Problem, json};
use within24::lambda::room::{MOST_ANSWERED, Room};

use crate::World;
use crate::threads::known_store;
use crate::wire::screen::DraftIn;

/// The most drafts of one request.
const MOST_DRAFTS: usize = 100;

/// The most bytes of a report without its findings: the draft's id, which quotes may make four times as long.
const MOST_OF_REPORT: usize = 5000;

pub(crate) async fn drafts<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let several = call.body().trim_ascii_start().starts_with(b"[");
    let drafts: Vec<DraftIn> = if several {
        let all: Vec<Object<DraftIn>> = call.json()?;
        all.into_iter().map(|draft| draft.0).collect()
    } else {
        vec![call.object()?]
    };
    let mut wrong: Vec<Invalid> = Vec::new();
    if drafts.is_empty() || drafts.len() > MOST_DRAFTS {
        wrong.push(Invalid {
            pointer: String::new(),
            detail: "send 1 to 100 drafts".to_owned(),
        });
    }
    for (place, draft) in drafts.iter().enumerate() {
        let at = if several { format!("/{place}") } else { String::new() };
        wrong.extend(draft.faults(&at));
    }
    if !wrong.is_empty() {
        return Err(Problem::invalid(&wrong));
    }
    let settings = known_store(&call, &store).await?.screen.settings();
    let judged: Vec<_> = drafts
        .into_iter()
        .map(|mut draft| (draft.id.take(), screen(&draft.into(), &settings)))
        .collect();
    // Each draft has its share of the room.
    let share = MOST_ANSWERED / judged.len() - MOST_OF_REPORT;
    let mut reports: Vec<ReportOut> = judged
        .iter()
        .map(|(id, report)| ReportOut::within(id.clone(), report, &mut Room::of(share)))
        .collect();
    if several {
        return json(StatusCode::OK, &reports);
    }
    json(StatusCode::OK, &reports.pop())
}
