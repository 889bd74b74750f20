//! Where a list goes on: opaque to callers, who give back what they were given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use within24::domain::key::Key;
use within24::domain::listing;
use within24::lambda::api::{Call, Problem};
use within24::ports::Place;

/// The most that a page holds, and what it holds where nothing is said.
const MOST: usize = 100;
const USUAL: usize = 50;

/// How many one page is to hold.
pub(crate) fn limit<W>(call: &Call<W>) -> Result<usize, Problem> {
    let read = |text: &str| text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    Ok(call.query_as("limit", "a number from 1 to 100", read)?.unwrap_or(USUAL))
}

/// The place after which a list of threads goes on.
pub(crate) fn threads<W>(call: &Call<W>) -> Result<Option<listing::Place>, Problem> {
    given(call, |text| listing::Place::parse(&open(text)?))
}

/// The cursor after this place.
pub(crate) fn after_thread(place: &listing::Place) -> String {
    URL_SAFE_NO_PAD.encode(place.to_string())
}

/// What is said of a cursor that belongs elsewhere.
pub(crate) fn of_another_list() -> Problem {
    Problem::bad_request("the parameter cursor is the `next` of the page before, with the same filters")
}

/// The place before which a list that is sorted by time goes on.
pub(crate) fn place<W>(call: &Call<W>) -> Result<Option<Place>, Problem> {
    given(call, read_place)
}

/// The place that a cursor names.
pub(crate) fn read_place(text: &str) -> Option<Place> {
    let text = open(text)?;
    let (at, key) = text.split_once(' ')?;
    Some(Place {
        at: at.parse().ok()?,
        key: Key::parse(key)?,
    })
}

/// The cursor after this place.
pub(crate) fn at_place(place: &Place) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {}", place.at, place.key.as_str()))
}

/// The cursor after the last of a page; none where the page is not full.
pub(crate) fn after_place<T>(page: &[T], limit: usize, place: impl Fn(&T) -> Place) -> Option<String> {
    let last = page.last().filter(|_| page.len() == limit).map(place)?;
    Some(at_place(&last))
}

fn given<W, T>(call: &Call<W>, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    call.query_as("cursor", "the `next` of the page before, as it was given", read)
}

fn open(text: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
