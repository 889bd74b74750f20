//! Ways out of Amazon's messages: links, e-mail addresses, telephone numbers.
//!
//! Links and addresses as they are usually written come from `linkify` (maintained, linear, no regular expressions; about
//! 60 KB in the binary, nothing to build at start), ends of hosts from `tld` (IANA's list as a perfect hash made at compile
//! time; about 60 KB, nothing to build). What is written to escape a detector is read by `disguise`.
//!
//! Telephone numbers are read here and not by a port of libphonenumber: see `phone`.

mod asin;
mod disguise;
mod hosts;
mod links;
mod phone;

pub(super) use asin::asins;
pub(super) use hosts::{Owner, host_of, owner};
pub(super) use links::{Address, addresses};
pub(super) use phone::{Signs, phones};
