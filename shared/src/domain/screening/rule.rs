//! The rules of the screen, their severities by kind of draft, and the published table. The data is `rules.tsv`.

use std::fmt;
use std::fmt::Write as _;
use std::sync::LazyLock;

use strum::VariantArray;

use super::draft::DraftKind;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Severity {
    /// Worth knowing; the draft may go out.
    Note,
    /// May be sent; a person should look.
    Warn,
    /// Must not be sent as it is.
    Block,
}

impl Severity {
    /// The contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }

    /// Reads the contract's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::VARIANTS
            .iter()
            .copied()
            .find(|severity| severity.as_str() == word)
    }
}

macro_rules! rules {
    ($($name:ident $id:literal $doc:literal),* $(,)?) => {
        /// A rule of the screen. Its id is part of the public contract.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $doc] $name,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable id.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

rules! {
    ExternalLink "external-link" "A link that leads neither to Amazon nor to a carrier.",
    CarrierLink "carrier-link" "A link to a carrier.",
    InsecureLink "insecure-link" "A link to Amazon or a carrier without encryption.",
    ContactEmail "contact-email" "An e-mail address.",
    ContactPhone "contact-phone" "A telephone number.",
    OffPlatform "off-platform" "An invitation to leave Amazon.",
    Marketing "marketing" "Advertising.",
    CrossSell "cross-sell" "Another product.",
    ReviewIncentive "review-incentive" "A benefit for a review.",
    ReviewManipulation "review-manipulation" "Having a review changed, removed or held back.",
    ReviewRequestTone "review-request-tone" "A request for a review, neutral or biased.",
    PrivateDataRequest "private-data-request" "Asking for private data.",
    CancelSteering "cancel-steering" "Having the buyer cancel.",
    OrderConfirmation "order-confirmation" "Mail that only confirms.",
    ThanksOnly "thanks-only" "Mail that only thanks.",
    OptOutLink "opt-out-link" "A way to unsubscribe from our messages.",
    SensitiveContent "sensitive-content" "Insults, obscenity, threats.",
    EmotionalLanguage "emotional-language" "Begging for a review.",
    Emoji "emoji" "Emoji.",
    ExcessLineBreaks "excess-line-breaks" "Too many line breaks in a row.",
    HtmlStyling "html-styling" "Styling that messages must not have.",
    TrackingPixel "tracking-pixel" "A hidden image.",
    InsecureImage "insecure-image" "An image loaded without encryption.",
    ImportantTag "important-tag" "A tag that Amazon has removed.",
    MissingOrderId "missing-order-id" "No order id.",
    WrongLanguage "wrong-language" "Not the buyer's language.",
    ClaimWithdrawal "claim-withdrawal" "Having a claim, chargeback or return closed.",
    StockNotice "stock-notice" "Out of stock or delayed, with alternatives.",
    UnsolicitedContent "unsolicited-content" "Manuals, tips, recipes nobody asked for.",
    Disparagement "disparagement" "Running down other sellers.",
    AttachmentType "attachment-type" "A file type that is not permitted.",
    AttachmentSize "attachment-size" "Attachments that are too large.",
    AttachmentCount "attachment-count" "Too many attachments.",
    Placeholder "placeholder" "A placeholder that nobody filled in.",
    OtherOrder "other-order" "The id of another order.",
}

impl Rule {
    /// Reads a stable id.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }

    /// Rules for which Amazon suspends accounts: no setting weakens them unless the risk is accepted in so many words.
    pub fn protected(self) -> bool {
        matches!(
            self,
            Self::ReviewIncentive | Self::ReviewManipulation | Self::ContactEmail | Self::ContactPhone
        )
    }

    /// Sections 5 and 6 of the policy: a draft with such a purpose is no mere confirmation and no mere thanks.
    pub(super) fn advertises_or_reviews(self) -> bool {
        matches!(
            self,
            Self::Marketing
                | Self::CrossSell
                | Self::ReviewIncentive
                | Self::ReviewManipulation
                | Self::ReviewRequestTone
                | Self::EmotionalLanguage
        )
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A rule as one act of it is judged: `review-request-tone` has a neutral and a biased form, `attachment-size` a mild one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shade {
    Plain,
    Neutral,
    Biased,
    /// What a person should look at and may let pass: never more than a warning.
    Mild,
}

struct Row {
    rule: Rule,
    shade: Shade,
    severities: [Option<Severity>; 3],
    what: &'static str,
    why: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = include_str!("rules.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let cells: Vec<&'static str> = line.split('\t').collect();
            let [id, reply, proactive, request, what, why] = cells[..] else {
                return None;
            };
            let (id, shade) = match id.split_once(' ') {
                Some((id, "(neutral)")) => (id, Shade::Neutral),
                Some((id, "(mild)")) => (id, Shade::Mild),
                Some((id, _)) => (id, Shade::Biased),
                None => (id, Shade::Plain),
            };
            let severities = [reply, proactive, request].map(Severity::parse);
            Some(Row {
                rule: Rule::parse(id)?,
                shade,
                severities,
                what,
                why,
            })
        })
        .collect()
});

fn row(rule: Rule, shade: Shade) -> &'static Row {
    let exact = ROWS.iter().find(|row| row.rule == rule && row.shade == shade);
    let any = || ROWS.iter().find(|row| row.rule == rule);
    exact.or_else(any).expect("rules.tsv has a row for every rule (tested)")
}

pub(super) fn severity(rule: Rule, shade: Shade, kind: DraftKind) -> Option<Severity> {
    let row = row(rule, shade);
    let severity = row.severities[kind as usize];
    // A mild form without a row of its own is never more than a warning.
    if shade == Shade::Mild && row.shade != shade {
        severity.map(|severity| severity.min(Severity::Warn))
    } else {
        severity
    }
}

pub(super) fn why(rule: Rule, shade: Shade) -> &'static str {
    row(rule, shade).why
}

/// The policy's table as markdown, generated from the rules: what each covers and how grave it is by kind of draft.
///
/// `shared/SCREENING.md` is this text and what `shared/tests/screening.rs` measures; a test holds them together.
pub fn table() -> String {
    let mut out = String::from(HEAD);
    out.push_str("| rule | what | reply | proactive | review-request |\n|---|---|---|---|---|\n");
    for row in ROWS.iter() {
        let shade = match row.shade {
            Shade::Neutral => ", neutral",
            Shade::Biased => ", biased",
            Shade::Mild => ", mild",
            Shade::Plain => "",
        };
        let [reply, proactive, request] = row.severities.map(|s| s.map_or("-", Severity::as_str));
        let id = row.rule.id();
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "| `{id}`{shade} | {} | {reply} | {proactive} | {request} |",
            row.what
        );
    }
    out.push_str(FOOT);
    out
}

const HEAD: &str = "# What the screen holds back

Generated from `src/domain/screening/rules.tsv` by `screening::table()`; a test holds the two together.
Change the data, then run `SCREENING_TABLE=write cargo test -p within24 --test screening`.

A draft's verdict is the highest severity found: `block` (must not be sent as it is), `warn` (a person should look), else `allow`.

";

const FOOT: &str = "
A store may change the severity of a rule or switch it off, add its own phrases and allow more hosts. `review-incentive`,
`review-manipulation`, `contact-email` and `contact-phone` are what Amazon suspends accounts for: a setting that weakens them is
ignored, and reported as ignored, unless the store says `i_accept_the_risk`; then it holds and every report names it.

## How a draft is read

- Text rules read the text and what is seen of the HTML; the same act in both is one finding. Overlapping finds of one rule are
  one; an excerpt holds at most 200 characters.
- Words count in the language of the draft alone: the buyer's, else the store's, else what the text says. Strangers' drafts
  showed that short answers hold too few words to tell a language by: Swedish *slut* (end) was an insult, French *solde*
  (balance) a sale. A sentence that surely is in another language is judged in that one.
- Variables of helpdesks (`{{ticket.requester.name}}`, `{%mailbox.name%}`, `[[OrderId]]`, `${shop.link}`, `%NAME%`) are no
  links and no addresses, though `.name`, `.id` and `.email` are endings of hosts. In a template they are expected; in a draft
  about to be sent they are `placeholder`. Anything else between the brackets is text.
- Lines behind `>` and below \"On … wrote:\" are the buyer's: what is found there is one step milder, and an order id named there
  is none of another buyer's.
- A dot is no link in names of companies, files and software, and where a space was forgotten before a word of the draft's
  language; the buyer's own devices (192.168.…, `fritz.box`) are no links either. Another sign or word where the dot belongs
  (`·`, `-dot-`, `dotcom`, `www name com`) is one.
- A number is a telephone's by its form (`+`, `00`, a bracketed area code, national forms that nothing else is written in) or by
  a word or sign beside it; a label (parcel, serial, part, size) makes it another number. Numbers in words count.

Phrases are data: `src/domain/screening/phrases/data/`, one file a language; the first lines of `common.txt` explain how to add one.
English, German, French, Italian, Spanish, Portuguese, Dutch, Swedish, Polish, Turkish, Arabic, Japanese, Chinese and Korean know every
rule; Czech, Russian, Ukrainian, Hungarian and Vietnamese know rewards for reviews, contact and steering away, and the rules that need
no words.
";
