//! From the event to its outcome, through the functions' own handlers.

mod batch;
mod capacity;
mod faults;
mod laws;
mod scenarios;
mod sending;
