//! The HTML of a draft: links, images, styling. A forgiving reader of tags, no browser.

mod css;
mod judge;
mod tags;

pub(super) use judge::{faults, targets};
