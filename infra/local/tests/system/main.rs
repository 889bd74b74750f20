//! The command as a program: the server, the commands on it, and what is left whenever it is killed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod killing;
mod pages;
mod reaching;
mod running;
mod serving;
mod stub;
mod working;
