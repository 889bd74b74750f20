//! Drafts screened with the store's own settings, as an answer of that store would be. Nothing is stored or logged of them.

use std::cmp::Reverse;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use within24::domain::screening::{Report, screen};
use within24::domain::store::StoreId;
use within24::lambda::api::{Call, Problem, json};
use within24::lambda::room::{MOST_ANSWERED, Room};
use within24::wire::Object;
use within24::wire::draft_line::DraftLine;
use within24::wire::problem::Invalid;
use within24::wire::screen::{DraftIn, ScreenReport};

use crate::threads::known_store;
use crate::{World, drafts};

/// The most drafts of one request.
const MOST_DRAFTS: usize = 100;

/// The most bytes of a report without its findings: the draft's id, which quotes may make four times as long.
const MOST_OF_REPORT: usize = 5000;

pub(crate) async fn drafts<W: World>(call: Call<W>, store: StoreId) -> Result<Response, Problem> {
    let several = call.body().trim_ascii_start().starts_with(b"[");
    let given: Vec<DraftIn> = if several {
        let all: Vec<Object<DraftIn>> = call.json()?;
        all.into_iter().map(|draft| draft.0).collect()
    } else {
        vec![call.object()?]
    };
    let mut wrong: Vec<Invalid> = Vec::new();
    if given.is_empty() || given.len() > MOST_DRAFTS {
        wrong.push(Invalid {
            pointer: String::new(),
            detail: "send 1 to 100 drafts".to_owned(),
        });
    }
    for (place, draft) in given.iter().enumerate() {
        let at = if several { format!("/{place}") } else { String::new() };
        wrong.extend(drafts::faults(draft, &at));
    }
    if !wrong.is_empty() {
        return Err(Problem::invalid(&wrong));
    }
    let settings = known_store(&call, &store).await?.screen.settings();
    let judged: Vec<_> = given
        .into_iter()
        .map(|mut draft| (draft.id.take(), screen(&DraftLine::from(draft).into(), &settings)))
        .collect();
    // Each draft has its share of the room.
    let share = MOST_ANSWERED / judged.len() - MOST_OF_REPORT;
    let mut reports: Vec<ScreenReport> = judged
        .iter()
        .map(|(id, report)| report_within(id.clone(), report, &mut Room::of(share)))
        .collect();
    if several {
        return json(StatusCode::OK, &reports);
    }
    json(StatusCode::OK, &reports.pop())
}

/// The report with as many findings as there is room for, the gravest before others.
pub(crate) fn report_within(id: Option<Value>, report: &Report, room: &mut Room) -> ScreenReport {
    let mut whole = ScreenReport::of(id, report);
    let mut places: Vec<usize> = (0..whole.findings.len()).collect();
    places.sort_by_key(|place| Reverse(report.findings[*place].severity));
    let mut fits = vec![false; places.len()];
    for place in places {
        fits[place] = room.takes(&whole.findings[place]);
    }
    let left_out = fits.iter().filter(|fits| !**fits).count();
    let mut fits = fits.into_iter();
    whole.findings.retain(|_| fits.next() == Some(true));
    whole.findings_left_out = (left_out > 0).then_some(left_out);
    whole
}
