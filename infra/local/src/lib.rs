//! The whole system on one machine: the deployed functions' own handlers and the real DynamoDB adapter on an embedded
//! DynamoDB, with a folder in place of S3, a sink in place of SES and a simulated clock.

pub mod attachments;
pub mod desk;
pub mod embedded;
pub mod endpoints;
pub mod files;
pub mod gateway;
pub mod helpdesk;
pub mod machine;
mod macros;
pub mod metrics;
pub mod output;
pub mod pretty;
pub mod read;
pub mod recipients;
pub mod replay;
pub mod screen;
pub mod screen_settings;
pub mod serve;
pub mod ses;
pub mod sink;
pub mod threads;
pub mod timeline;
