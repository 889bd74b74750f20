//! Ways out of Amazon's messages: links, e-mail addresses, telephone numbers.
//!
//! Links and addresses as they are usually written come from `linkify`: maintained, linear, without regular expressions, and
//! it finds bare domains. Ends of hosts come from `tld`: IANA's list, released anew with it, as a perfect hash made at compile
//! time; the public-suffix list answers who owns a name, which no rule asks. What is written to escape a detector is read by
//! `disguise`. Telephone numbers are read here and not by a port of libphonenumber: see `phone`.
//!
//! What each costs, as a program of it alone over an empty one (`lto = "fat"`, stripped), and its first call:
//!
//! | | binary | first call | later calls |
//! |---|---|---|---|
//! | `linkify` 0.11 | 12 KB | 0.03 ms | 0.2 µs |
//! | `tld` 2.45 | 70 KB | 0.005 ms | 0.1 µs a word |
//! | `phonenumber` 0.3, not used | 2.8 MB | 490 to 700 ms | 4 to 9 µs a number |
//! | `domain::language`, with `whichlang` | 460 KB | 0.5 ms | 1.2 µs |
//! | the whole screen, these and all phrases | 2.1 MB | 0.2 ms | 8 µs a line |

mod asin;
mod bare;
mod disguise;
mod dots;
mod hosts;
mod links;
mod number_words;
mod phone;
mod run;
mod schemes;
mod separators;

pub(super) use asin::asins;
pub(super) use bare::spells_address;
pub(super) use hosts::{Owner, advertised, host_of, is_tld as top_level, owner};
pub(super) use links::{Address, addresses};
pub(super) use phone::phones;
