//! `within24 answer`: a person's answer, screened before it is handed in, and followed until it is out.

use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{ArgGroup, Args};
use serde_json::{Value, json};
use within24::domain::key::Key;
use within24::lambda::random;
use within24::wire::answer::{AnswerIn, AnswerOut};
use within24::wire::screen::{DraftIn, DraftKindIn, ScreenReport};
use within24::wire::thread::FullThread;

use super::system::{Call, Place, System};
use super::trouble::Problem;
use super::{complain, list, marked, print, print_json};
use crate::screen::DENIED;

/// How often the answer is looked for while it is on its way.
const LOOK: Duration = Duration::from_millis(200);

/// An answer.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("draft").required(true))]
pub struct Answer {
    #[command(flatten)]
    place: Place,
    /// The thread's id, or an order that only one thread names.
    thread: String,
    /// Read the words from standard input.
    #[arg(value_name = "-", value_parser = ["-"], group = "draft")]
    input: Option<String>,
    /// The words.
    #[arg(long, value_name = "WORDS", group = "draft")]
    text: Option<String>,
    /// A file that holds the words, UTF-8.
    #[arg(long, value_name = "FILE", group = "draft")]
    file: Option<PathBuf>,
    /// Send it although the screen blocks it: under your name, on record. Needs a token of role lead.
    #[arg(long)]
    r#override: bool,
    /// Names this one answer: the same again is sent once. Without it, each call is an answer of its own.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// How many seconds to wait until it is out; 0: not at all.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

/// What becomes of an answer.
struct Told {
    report: ScreenReport,
    answer: Option<(AnswerOut, Value)>,
}

pub(super) fn answer(wanted: &Answer) -> Result<ExitCode> {
    let text = wanted.words()?;
    let system = System::reach(&wanted.place.reach)?;
    let (path, thread, _) = list::thread(&system, &wanted.place, &wanted.thread)?;
    let report = screened(&system, &thread, &text)?;
    let mut told = Told { report, answer: None };
    if told.report.verdict != "block" || wanted.r#override {
        let key = wanted.idempotency_key.clone().unwrap_or_else(new_key);
        hand_in(&system, &path, &text, wanted, &key, &mut told)?;
    }
    told.tell(&text, wanted.place.reach.json)
}

/// The draft as the system will screen it before it sends it.
fn screened(system: &System, thread: &FullThread, text: &str) -> Result<ScreenReport> {
    let summary = &thread.summary;
    let draft = DraftIn {
        text: text.to_owned(),
        kind: Some(DraftKindIn::Reply),
        marketplace: Some(summary.marketplace.clone()),
        buyer_language: summary.language.clone(),
        order_id: summary.order_ids.first().cloned(),
        ..DraftIn::default()
    };
    let call = Call::post(format!("/v1/stores/{}/screen", summary.store)).with(&draft)?;
    Ok(system.read(&call)?.0)
}

fn hand_in(system: &System, path: &str, text: &str, wanted: &Answer, key: &str, told: &mut Told) -> Result<()> {
    let body = AnswerIn {
        text: text.to_owned(),
        r#override: wanted.r#override,
        attachments: Vec::new(),
    };
    let call = Call::post(format!("{path}/answers")).once(key).with(&body)?;
    let taken: Result<(AnswerOut, Value)> = system.read(&call);
    match taken {
        Ok((answer, value)) => told.answer = Some(followed(system, path, (answer, value), wanted.wait)?),
        Err(error) => match error.downcast::<Problem>() {
            // The settings, or the thread, have changed since it was screened.
            Ok(problem) if problem.is("blocked") => {
                told.report.findings = problem.into_findings();
                "block".clone_into(&mut told.report.verdict);
            }
            Ok(problem) => return Err(problem.into()),
            Err(error) => {
                let hint = format!("it may have been taken; with --idempotency-key {key} the same again is sent once");
                return Err(error.context(hint));
            }
        },
    }
    Ok(())
}

/// Waits until it is out, or needs somebody.
fn followed(system: &System, path: &str, taken: (AnswerOut, Value), seconds: u64) -> Result<(AnswerOut, Value)> {
    let mut latest = taken;
    let looks = Duration::from_secs(seconds).as_millis() / LOOK.as_millis();
    for _ in 0..looks {
        if !matches!(latest.0.state.as_str(), "pending" | "sending" | "deferred") {
            break;
        }
        std::thread::sleep(LOOK);
        latest = system.read(&Call::get(format!("{path}/answers/{}", latest.0.id)))?;
    }
    Ok(latest)
}

impl Told {
    fn tell(&self, text: &str, json: bool) -> Result<ExitCode> {
        let state = self.answer.as_ref().map(|(answer, _)| answer.state.as_str());
        if json {
            let answer = self.answer.as_ref().map(|(_, answer)| answer);
            print_json(&json!({"verdict": self.report.verdict, "findings": self.report.findings, "answer": answer}))?;
        } else {
            if !self.report.findings.is_empty() {
                print(&marked::page(text, &self.report))?;
                print("\n")?;
            }
            match &self.answer {
                Some((answer, _)) => print(&format!("{} ({})\n", said(&answer.state), answer.id))?,
                None => print("Not sent: change what is marked, or let a lead send it with --override.\n")?,
            }
        }
        Ok(match state {
            None | Some("blocked") => ExitCode::from(DENIED),
            Some("failed" | "unknown" | "withdrawn") => {
                complain("the answer did not go out, or nobody knows: `within24 show` has its state");
                ExitCode::FAILURE
            }
            Some(_) => ExitCode::SUCCESS,
        })
    }
}

/// What a state means to who answered.
fn said(state: &str) -> String {
    match state {
        "sent" => "Sent.".to_owned(),
        "pending" | "sending" | "deferred" => "Handed in; it is on its way.".to_owned(),
        "held" => "Handed in; the day's budget is spent, so it goes out tomorrow.".to_owned(),
        "blocked" => "Not sent: the screen blocks it.".to_owned(),
        other => format!("Handed in; its state is {other}."),
    }
}

fn new_key() -> String {
    let mut bytes = [0; 16];
    random::fill(&mut bytes);
    Key::of(&[bytes]).as_str().to_owned()
}

impl Answer {
    /// The words; the line end that a file or a terminal adds is none of them.
    fn words(&self) -> Result<String> {
        if let Some(text) = &self.text {
            return Ok(text.clone());
        }
        let text = if let Some(path) = &self.file {
            std::fs::read_to_string(path).with_context(|| path.display().to_string())?
        } else {
            let mut input = std::io::stdin().lock();
            if input.is_terminal() {
                complain("write the answer; Ctrl-D ends it");
            }
            let mut text = String::new();
            input.read_to_string(&mut text).context("standard input")?;
            text
        };
        let end = text
            .strip_suffix('\n')
            .map_or(text.len(), |rest| rest.strip_suffix('\r').unwrap_or(rest).len());
        Ok(text[..end].to_owned())
    }
}
