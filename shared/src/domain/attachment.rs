//! Files that go out with an answer: as they come in, and as they are kept until the answer is sent.
//!
//! Bytes are kept beside the table, at a place that follows from store, thread and content. So the same file again is the
//! same place, what lies there can be told from anything else, and no two threads share a file: one may be erased.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::Key;
use super::personal::Personal;
use super::screening;
use super::store::StoreId;
use super::thread::ThreadId;

/// Where the files of answers are kept: `answers/<store>/<thread>/<key of the content>`.
pub const PLACES: &str = "answers/";

/// The longest name, in characters: what file systems take.
const LONGEST_NAME: usize = 255;

/// The longest half of a media type, in characters (RFC 6838, section 4.2).
const LONGEST_TYPE: usize = 127;

/// Media types by ending, for files that come without one: those that Amazon takes.
const KNOWN: [(&str, &str); 7] = [
    ("pdf", "application/pdf"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
];

/// Why a file cannot go out with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Its name is empty, too long, or holds control characters.
    #[error("a file's name has 1 to 255 characters, none of them a control character")]
    Name,
    /// Its media type is none.
    #[error("a media type is like application/pdf")]
    MediaType,
    /// Its content is no base64.
    #[error("a file's content is base64")]
    Content,
    /// There is nothing in it.
    #[error("a file is empty")]
    Empty,
    /// What should be a list of files is none.
    #[error("attachments are a list of files, each with a name and its content")]
    List,
}

impl Unusable {
    /// Short code for reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "attachment-name",
            Self::MediaType => "attachment-media-type",
            Self::Content => "attachment-content",
            Self::Empty => "attachment-empty",
            Self::List => "attachment-list",
        }
    }
}

/// A file with its content.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    name: Personal,
    media_type: String,
    content: Vec<u8>,
}

impl Attachment {
    /// A file of this name: of a path, its last part. Parameters of the media type are left out; where there is no media
    /// type, the name's ending tells it, else it is `application/octet-stream`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(name: &str, media_type: Option<&str>, content: Vec<u8>) -> Result<Self, Unusable> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(Unusable::Name);
        }
        let media_type = match media_type.map(str::trim).filter(|given| !given.is_empty()) {
            Some(given) => essence(given).ok_or(Unusable::MediaType)?,
            None => by_ending(name).to_owned(),
        };
        if content.is_empty() {
            return Err(Unusable::Empty);
        }
        Ok(Self {
            name: name.into(),
            media_type,
            content,
        })
    }

    /// The same with its content in base64 (RFC 4648, section 4), in lines or not.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(name: &str, media_type: Option<&str>, content: &str) -> Result<Self, Unusable> {
        let bare: Cow<'_, str> = if content.bytes().any(|b| b.is_ascii_whitespace()) {
            content.split_ascii_whitespace().collect()
        } else {
            content.into()
        };
        let content = STANDARD.decode(bare.as_bytes()).map_err(|_| Unusable::Content)?;
        Self::new(name, media_type, content)
    }

    /// Its name.
    pub fn name(&self) -> &Personal {
        &self.name
    }

    /// Its media type, in lower case, without parameters.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Its bytes.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// The file as an answer in this thread names it.
    pub fn kept(&self, store: &StoreId, thread: &ThreadId) -> KeptAttachment {
        let key = key(&self.content);
        KeptAttachment {
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            bytes: self.content.len() as u64,
            place: format!("{PLACES}{}/{}/{}", store.as_str(), thread.as_str(), key.as_str()),
        }
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<attachment, {} bytes>", self.content.len())
    }
}

/// A file of an answer: what is known of it, and where its bytes lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAttachment {
    /// Its name.
    pub name: Personal,
    /// Its media type.
    pub media_type: String,
    /// Its size before transfer encoding.
    pub bytes: u64,
    /// Where it lies.
    pub place: String,
}

impl KeptAttachment {
    /// The file with what lay at its place; `None` where that is not what was kept there.
    pub fn with(&self, content: Vec<u8>) -> Option<Attachment> {
        let wanted = self.place.rsplit('/').next();
        let same = content.len() as u64 == self.bytes && Some(key(&content).as_str()) == wanted;
        same.then(|| Attachment {
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            content,
        })
    }

    /// The file as the screen looks at it.
    pub fn drafted(&self) -> screening::Attachment {
        screening::Attachment {
            name: self.name.clone(),
            media_type: Some(self.media_type.clone()),
            bytes: self.bytes,
        }
    }
}

fn key(content: &[u8]) -> Key {
    Key::of(&[b"attachment".as_slice(), content])
}

/// Type and subtype of a media type, in lower case.
fn essence(given: &str) -> Option<String> {
    let given = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (kind, subtype) = given.split_once('/')?;
    let usable = |half: &str| {
        let sign = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
        (1..=LONGEST_TYPE).contains(&half.len()) && half.bytes().all(sign)
    };
    (usable(kind) && usable(subtype)).then_some(given)
}

fn by_ending(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let known = KNOWN.iter().find(|(known, _)| Some(*known) == ending.as_deref());
    known.map_or("application/octet-stream", |(_, media_type)| media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, media_type: Option<&str>) -> Result<(String, String), Unusable> {
        let made = Attachment::new(name, media_type, b"%PDF".to_vec())?;
        Ok((made.name.into_exposed(), made.media_type))
    }

    #[test]
    fn a_name_is_the_last_part_of_a_path_and_nothing_that_could_break_a_header() {
        for given in [
            "Rechnung.pdf",
            "C:\\fakepath\\Rechnung.pdf",
            "../../Rechnung.pdf",
            " Rechnung.pdf ",
        ] {
            assert_eq!(file(given, None).unwrap().0, "Rechnung.pdf", "{given}");
        }
        let long = "x".repeat(256);
        for given in ["", " ", "invoices/", "a\r\nBcc: x@y.example", "a\0.pdf", &long] {
            assert_eq!(file(given, None), Err(Unusable::Name), "{given:?}");
        }
    }

    #[test]
    fn a_media_type_is_what_it_says_without_parameters_else_that_of_the_ending() {
        let cases = [
            ("a.pdf", Some("Application/PDF; name=x"), "application/pdf"),
            ("a.PDF", None, "application/pdf"),
            ("a.jpeg", Some(" "), "image/jpeg"),
            ("a", None, "application/octet-stream"),
            ("a.exe", Some("application/pdf"), "application/pdf"),
        ];
        for (name, given, wanted) in cases {
            assert_eq!(file(name, given).unwrap().1, wanted, "{name} {given:?}");
        }
        for given in [
            "pdf",
            "application/",
            "/pdf",
            "text/plain\r\nBcc:x",
            "a/b/c",
            "tëxt/plain",
        ] {
            assert_eq!(file("a.pdf", Some(given)), Err(Unusable::MediaType), "{given:?}");
        }
    }

    #[test]
    fn content_is_base64_in_lines_or_not_and_never_nothing() {
        for given in ["JVBERg==", "JVBE\r\nRg==\r\n"] {
            let made = Attachment::decode("a.pdf", None, given).unwrap();
            assert_eq!(made.content(), b"%PDF");
        }
        for given in ["JVBERg", "JVBERg=", "%PDF", "JVBE_g=="] {
            assert_eq!(
                Attachment::decode("a.pdf", None, given),
                Err(Unusable::Content),
                "{given}"
            );
        }
        assert_eq!(Attachment::decode("a.pdf", None, ""), Err(Unusable::Empty));
        assert_eq!(Attachment::new("a.pdf", None, Vec::new()), Err(Unusable::Empty));
    }

    #[test]
    fn what_lies_at_a_place_is_taken_only_if_it_is_what_was_kept() {
        let (de, us) = (StoreId::parse("de").unwrap(), StoreId::parse("us").unwrap());
        let thread = ThreadId::parse("01kk22s3907r832mr580w9").unwrap();
        let made = Attachment::new("a.pdf", None, b"%PDF-1.7".to_vec()).unwrap();
        let kept = made.kept(&de, &thread);
        assert!(kept.place.starts_with("answers/de/01kk22s3907r832mr580w9/"));
        assert_eq!(kept.with(b"%PDF-1.7".to_vec()), Some(made.clone()));
        for other in [&b"%PDF-1."[..], b"%PDF-1.8", b"%PDF-1.7 ", b""] {
            assert_eq!(kept.with(other.to_vec()), None, "{other:?}");
        }
        let renamed = Attachment::new("b.pdf", None, b"%PDF-1.7".to_vec()).unwrap();
        assert_eq!(renamed.kept(&de, &thread).place, kept.place, "the same bytes lie once");
        assert_ne!(made.kept(&us, &thread).place, kept.place);
    }

    #[test]
    fn nothing_of_a_file_is_printed() {
        let made = Attachment::new("Vera Muster.pdf", None, b"secret".to_vec()).unwrap();
        let thread = ThreadId::parse("01kk22s3907r832mr580w9").unwrap();
        let kept = made.kept(&StoreId::parse("de").unwrap(), &thread);
        let printed = format!("{made:?} {kept:?}");
        assert!(!printed.contains("Vera") && !printed.contains("secret"), "{printed}");
    }
}
