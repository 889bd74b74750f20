//! The contract of `SendMail`, held by everything that stands for SES, and what each answer of SES means.

use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mail_parser::{Address, MessageParser, MimeHeaders};
use serde_json::json;
use tempfile::TempDir;
use within24::adapters::mime;
use within24::adapters::ses::Ses;
use within24::domain::attachment::Attachment;
use within24::domain::language::Language;
use within24::domain::message_id::MessageId;
use within24::domain::outgoing::{Letter, Outgoing};
use within24::lambda::clients;
use within24::ports::{Accepted, SendError, SendMail};
use within24::testing::{Fate, Post};
use within24_local::serve::SentFolder;
use within24_local::sink::Sink;

use super::aws::{Aws, Reply, Request};
use super::{now, thread};

/// What can become of a letter that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Refused,
    NotNow,
    /// It goes out, and the answer is lost.
    Unknown,
}

impl Failure {
    const ALL: [Self; 3] = [Self::Refused, Self::NotNow, Self::Unknown];

    fn of(error: &SendError) -> Self {
        match error {
            SendError::Refused { .. } => Self::Refused,
            SendError::NotNow { .. } => Self::NotNow,
            SendError::Unknown { .. } => Self::Unknown,
        }
    }
}

/// Stands for SES, and shows what went out.
trait Mailer {
    fn port(&self) -> &impl SendMail;

    /// The mails that went out, in any order.
    fn out(&self) -> Vec<Vec<u8>>;

    /// From now on this becomes of every letter, `None`: it is accepted. Gives whether this one can fail so.
    fn set(&self, failure: Option<Failure>) -> bool;
}

struct InMemory(Post);

impl Mailer for InMemory {
    fn port(&self) -> &impl SendMail {
        &self.0
    }

    fn out(&self) -> Vec<Vec<u8>> {
        self.0.sent().iter().map(|letter| mime::raw(letter).unwrap()).collect()
    }

    fn set(&self, failure: Option<Failure>) -> bool {
        self.0.set(match failure {
            None => Fate::Accept,
            Some(Failure::Refused) => Fate::Refuse,
            Some(Failure::NotNow) => Fate::NotNow,
            Some(Failure::Unknown) => Fate::LostAnswer,
        });
        true
    }
}

/// The adapter, on a service that answers as SES does.
struct OnSes {
    ses: Ses,
    service: Arc<Mutex<Service>>,
}

#[derive(Default)]
struct Service {
    taken: Vec<Vec<u8>>,
    failure: Option<Failure>,
}

impl Service {
    fn answer(&mut self, request: &Request) -> Reply {
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/v2/email/outbound-emails")
        );
        let call = request.json();
        assert_eq!(call["FromEmailAddress"], "shop@x.example");
        assert_eq!(
            call["Destination"],
            json!({"ToAddresses": [thread("t").alias.expose()]})
        );
        assert_eq!(call["ConfigurationSetName"], "events");
        let names: Vec<&str> = call["EmailTags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tag| tag["Name"].as_str().unwrap())
            .collect();
        assert_eq!(names, [mime::OUTBOX_TAG, mime::STORE_TAG, mime::THREAD_TAG]);
        match self.failure {
            Some(Failure::Refused) => return Reply::rest_error(400, "MessageRejected"),
            Some(Failure::NotNow) => return Reply::rest_error(429, "TooManyRequestsException"),
            Some(Failure::Unknown) | None => {}
        }
        self.taken.push(
            STANDARD
                .decode(call["Content"]["Raw"]["Data"].as_str().unwrap())
                .unwrap(),
        );
        match self.failure {
            Some(_) => Reply::Cut,
            None => Reply::json(&json!({"MessageId": format!("0102-{:06}", self.taken.len())})),
        }
    }
}

async fn ses(aws: &Aws) -> Ses {
    let client = aws_sdk_sesv2::Client::new(&clients::once(&aws.config().await));
    Ses::new(&client, Some("events".to_owned()), "eu-west-1", now)
}

impl OnSes {
    async fn new() -> Self {
        let service = Arc::new(Mutex::new(Service::default()));
        let answering = Arc::clone(&service);
        let aws = Aws::new(move |request| answering.lock().unwrap().answer(request));
        Self {
            ses: ses(&aws).await,
            service,
        }
    }
}

impl Mailer for OnSes {
    fn port(&self) -> &impl SendMail {
        &self.ses
    }

    fn out(&self) -> Vec<Vec<u8>> {
        self.service.lock().unwrap().taken.clone()
    }

    fn set(&self, failure: Option<Failure>) -> bool {
        self.service.lock().unwrap().failure = failure;
        true
    }
}

/// What `demo` and `replay` send through.
struct OnTheMachine(Sink);

impl Mailer for OnTheMachine {
    fn port(&self) -> &impl SendMail {
        &self.0
    }

    fn out(&self) -> Vec<Vec<u8>> {
        self.0.sent().into_iter().map(|sent| sent.raw).collect()
    }

    fn set(&self, failure: Option<Failure>) -> bool {
        failure.is_none()
    }
}

/// What `serve` sends through.
struct InAFolder(SentFolder, TempDir);

impl InAFolder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sent");
        std::fs::create_dir(&path).unwrap();
        Self(SentFolder::new(path), folder)
    }

    fn path(&self) -> std::path::PathBuf {
        self.1.path().join("sent")
    }

    fn away(&self) -> std::path::PathBuf {
        self.1.path().join("away")
    }
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| std::fs::read(path).unwrap()).collect()
}

impl Mailer for InAFolder {
    fn port(&self) -> &impl SendMail {
        &self.0
    }

    fn out(&self) -> Vec<Vec<u8>> {
        let path = self.path();
        files(if path.is_dir() { &path } else { self.1.path() })
    }

    fn set(&self, failure: Option<Failure>) -> bool {
        // A folder that is not there takes nothing.
        let (from, to) = match failure {
            None if !self.away().exists() => return true,
            None => (self.away(), self.path()),
            Some(Failure::NotNow) => (self.path(), self.away()),
            Some(_) => return false,
        };
        std::fs::rename(from, to).unwrap();
        true
    }
}

fn letter(name: &str) -> Letter {
    let thread = thread("t");
    let item = Outgoing::reply(&thread, "x".into(), "Mara".into(), false, name, now());
    let text = format!("Guten Tag, {name}: die Lampe kommt morgen. Grüße");
    Letter::answering(&thread, &item, "shop@x.example", text.into(), now())
}

fn address(address: Option<&Address<'_>>) -> String {
    address
        .and_then(Address::first)
        .and_then(|one| one.address())
        .unwrap()
        .to_owned()
}

async fn a_letter_goes_out_once_as_it_was_written(mailer: impl Mailer) {
    let letter = Letter {
        automatic: true,
        language: Language::parse("de"),
        attachments: vec![Attachment::new("Rücksendung.pdf", None, b"%PDF-1.7 \x00\xff".to_vec()).unwrap()],
        ..letter("a")
    };
    let accepted = mailer.port().send(&letter).await.unwrap();
    let out = mailer.out();
    assert_eq!(out.len(), 1);
    let mail = MessageParser::new().parse(&out[0]).unwrap();
    assert_eq!(address(mail.from()), "shop@x.example");
    assert_eq!(address(mail.to()), letter.to.expose());
    assert_eq!(mail.subject(), Some(letter.subject.expose()));
    assert_eq!(mail.body_text(0).unwrap().trim_end(), letter.text.expose());
    assert_eq!(
        mail.in_reply_to().as_text(),
        letter.in_reply_to.as_ref().map(MessageId::expose)
    );
    let references: Vec<&str> = letter.references.iter().map(MessageId::expose).collect();
    assert_eq!(mail.references().as_text_list().unwrap(), references);
    assert_eq!(mail.header("Auto-Submitted").unwrap().as_text(), Some("auto-replied"));
    assert_eq!(
        mail.header("Content-Language").unwrap().as_text_list().map(<[_]>::len),
        Some(1)
    );
    let file = mail.attachment(0).unwrap();
    assert_eq!(
        (file.attachment_name(), file.contents()),
        (Some("Rücksendung.pdf"), b"%PDF-1.7 \x00\xff".as_slice())
    );
    let given = accepted.message_id.unwrap();
    assert!(
        given != letter.message_id && given.expose().contains("amazonses.com"),
        "{}",
        given.expose()
    );
    assert!(accepted.at >= now());
}

async fn a_letter_that_is_sent_twice_goes_out_twice(mailer: impl Mailer) {
    let letter = letter("a");
    let mut given = Vec::new();
    for sent in 1..=2 {
        let Accepted { message_id, .. } = mailer.port().send(&letter).await.unwrap();
        given.push(message_id.unwrap());
        assert_eq!(mailer.out().len(), sent);
    }
    assert_ne!(given[0], given[1], "each mail has an id of its own");
}

async fn a_letter_is_out_or_perhaps_out_or_not_as_the_error_says(mailer: impl Mailer) {
    let mut out = 0;
    for failure in Failure::ALL {
        if !mailer.set(Some(failure)) {
            continue;
        }
        let error = mailer.port().send(&letter("a")).await.unwrap_err();
        assert_eq!(Failure::of(&error), failure, "{error}");
        assert!(!error.to_string().contains("Vera"), "{error}");
        mailer.set(None);
        out += usize::from(failure == Failure::Unknown);
        assert_eq!(mailer.out().len(), out, "{failure:?}");
        mailer.port().send(&letter("b")).await.unwrap();
        out += 1;
    }
    mailer.set(None);
    assert_eq!(mailer.out().len(), out);
}

macro_rules! contracts {
    ($($name:ident),* $(,)?) => {
        mod in_memory {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name(InMemory(Post::new(now()))).await; })*
        }
        mod on_ses {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name(OnSes::new().await).await; })*
        }
        mod on_the_machine {
            use super::*;
            $(#[tokio::test] async fn $name() {
                super::$name(OnTheMachine(Sink::new(Arc::new(Mutex::new(now()))))).await;
            })*
        }
        mod in_a_folder {
            use super::*;
            $(#[tokio::test] async fn $name() { super::$name(InAFolder::new()).await; })*
        }
    };
}

contracts!(
    a_letter_goes_out_once_as_it_was_written,
    a_letter_that_is_sent_twice_goes_out_twice,
    a_letter_is_out_or_perhaps_out_or_not_as_the_error_says,
);

/// Sends one letter to a service that always replies so, through a client that would try three times.
async fn sent(reply: Reply) -> (Result<Accepted, SendError>, usize) {
    let aws = Aws::replying([reply]);
    let client = aws_sdk_sesv2::Client::new(&aws.config().await);
    let ses = Ses::new(&client, None, "eu-west-1", || Timestamp::UNIX_EPOCH);
    let sent = ses.send(&letter("a")).await;
    (sent, aws.asked().len())
}

/// Source: SES API v2, SendEmail, Errors; "Common errors".
#[tokio::test]
async fn each_answer_of_ses_says_whether_the_mail_may_be_out() {
    use Failure::{NotNow, Refused, Unknown};
    for (status, code, wanted) in [
        (400, "MessageRejected", Refused),
        (400, "BadRequestException", Refused),
        // Throttled: the answer must not be lost.
        (429, "TooManyRequestsException", NotNow),
        (400, "ThrottlingException", NotNow),
        (400, "LimitExceededException", NotNow),
        // The set-up: an operator mends it.
        (400, "AccountSuspendedException", NotNow),
        (400, "SendingPausedException", NotNow),
        (400, "MailFromDomainNotVerifiedException", NotNow),
        (404, "NotFoundException", NotNow),
        (400, "AccessDeniedException", NotNow),
        (403, "AccessDeniedException", NotNow),
        (403, "ExpiredTokenException", NotNow),
        (403, "UnrecognizedClientException", NotNow),
        (403, "InvalidSignatureException", NotNow),
        (400, "SomethingNewException", NotNow),
        (413, "RequestEntityTooLargeException", NotNow),
        // Nobody can tell.
        (408, "RequestTimeoutException", Unknown),
        (500, "InternalFailure", Unknown),
        (500, "InternalServiceErrorException", Unknown),
        (502, "BadGateway", Unknown),
        (503, "ServiceUnavailable", Unknown),
        (504, "GatewayTimeout", Unknown),
    ] {
        let (result, attempts) = sent(Reply::rest_error(status, code)).await;
        let error = result.unwrap_err();
        assert_eq!(Failure::of(&error), wanted, "{status} {code}");
        assert!(error.to_string().ends_with(code), "{error}");
        assert_eq!(attempts, 1, "{status} {code}: a second attempt may be a second mail");
    }
}

#[tokio::test]
async fn a_mail_without_an_answer_may_be_out_and_is_tried_once() {
    let empty = |status| Reply::Answer(status, Vec::new(), Vec::new());
    for (reply, code) in [
        (Reply::Cut, "connection"),
        (Reply::Silence, "timeout"),
        (Reply::ok("<html>"), "HTTP 200"),
        (empty(500), "HTTP 500"),
        (empty(503), "HTTP 503"),
    ] {
        let (result, attempts) = sent(reply.clone()).await;
        let error = result.unwrap_err();
        assert_eq!(Failure::of(&error), Failure::Unknown, "{reply:?}");
        assert!(error.to_string().ends_with(code), "{error}");
        assert_eq!(attempts, 1, "{reply:?}: a second attempt may be a second mail");
    }
}

#[tokio::test]
async fn a_mail_that_ses_took_without_a_name_is_taken() {
    let (accepted, attempts) = sent(Reply::ok("{}")).await;
    assert_eq!((accepted.unwrap().message_id, attempts), (None, 1));
}
