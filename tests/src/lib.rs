//! What the suites share.
//!
//! | suite | holds | cannot catch | costs |
//! |---|---|---|---|
//! | unit, in each crate | each rule of the domain by name | how they work together | seconds |
//! | `contract` | the ports' contracts, on the fake and on an embedded DynamoDB | what only AWS does: throttling, IAM | seconds |
//! | `acceptance` | timelines through the functions' own handlers; laws under redelivery, reordering, faults; logs | the template, real SES | under a minute |
//! | `api` | the OpenAPI document against the router, every operation with every kind of token, errors, pages, cost | what API Gateway does | seconds |
//! | `infra` | the template against the code: settings, rights, table, filters, alarms, queues | whether AWS takes it | seconds |
//! | `house` | the arrow between the layers, names and settings that must agree | what the code does | seconds |
//!
//! What others see is held whole, as snapshots: pages of the command (`infra/local/tests/system/snapshots`), bodies of the API
//! (`api/snapshots`), mails, events and rows of the table (`acceptance/snapshots`). After a change that is meant,
//! `INSTA_UPDATE=always cargo test` writes them anew; the diff says what others will see. `tests/run` refuses those that are
//! missing, that differ, or that no test looks at.

pub mod answers;
pub mod endpoints;
pub mod functions;
pub mod helpdesks;
pub mod mails;
pub mod receiver;
pub mod scenario;
pub mod worlds;
