//! Which mail is believed: SES's verdicts and what follows from them.
//!
//! Source: AWS, "Contents of notifications for Amazon SES email receiving".

use strum::VariantArray;

/// What SES found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Verdict {
    /// Checked and good.
    #[default]
    Pass,
    /// Checked and bad.
    Fail,
    /// Neither, or the check did not run to its end.
    Unclear,
    /// The operator switched the check off.
    Disabled,
}

impl Verdict {
    /// Reads SES's word; an unknown one is unclear.
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "PASS" => Self::Pass,
            "FAIL" => Self::Fail,
            "DISABLED" => Self::Disabled,
            _ => Self::Unclear,
        }
    }
}

/// SES's verdicts on one mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Verdicts {
    /// Is it spam?
    pub spam: Verdict,
    /// Does it hold a virus?
    pub virus: Verdict,
    /// Did the sending host have the right to (RFC 7208)?
    pub spf: Verdict,
    /// Is the signature good (RFC 6376)?
    pub dkim: Verdict,
    /// Does either stand for the From domain (RFC 7489)?
    pub dmarc: Verdict,
}

/// Why a mail is set apart for a person to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Quarantine {
    /// The virus scan did not pass it.
    Virus,
    /// It claims to come from Amazon and does not.
    Forged,
}

impl Quarantine {
    /// The reason as reports and metrics name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Virus => "virus",
            Self::Forged => "forged",
        }
    }

    /// Reads the reason.
    pub fn parse(name: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|reason| reason.as_str() == name)
    }
}

impl Verdicts {
    /// Whether the mail must not be opened at all: anything but a pass of the virus scan (unless it is switched off).
    pub fn unsafe_to_open(&self) -> Option<Quarantine> {
        (!matches!(self.virus, Verdict::Pass | Verdict::Disabled)).then_some(Quarantine::Virus)
    }

    /// Whether mail that claims an Amazon domain is forged: DMARC failed, or SPF and DKIM both. SPF alone breaks with
    /// every forwarding and proves nothing.
    pub fn forged(&self, claims_amazon: bool) -> Option<Quarantine> {
        let neither = self.spf == Verdict::Fail && self.dkim == Verdict::Fail;
        (claims_amazon && (self.dmarc == Verdict::Fail || neither)).then_some(Quarantine::Forged)
    }

    /// Whether it is spam: threaded and timed all the same, but never answered automatically.
    pub fn spam(&self) -> bool {
        self.spam == Verdict::Fail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spf_alone_forges_nothing() {
        let spf = Verdicts {
            spf: Verdict::Fail,
            ..Verdicts::default()
        };
        assert_eq!(spf.forged(true), None);
        assert_eq!(
            Verdicts {
                dkim: Verdict::Fail,
                ..spf
            }
            .forged(true),
            Some(Quarantine::Forged)
        );
        assert_eq!(
            Verdicts {
                dkim: Verdict::Fail,
                ..spf
            }
            .forged(false),
            None
        );
        assert_eq!(
            Verdicts {
                dmarc: Verdict::Fail,
                ..Verdicts::default()
            }
            .forged(true),
            Some(Quarantine::Forged)
        );
    }

    #[test]
    fn a_scan_that_did_not_end_is_no_pass() {
        let unclear = Verdicts {
            virus: Verdict::parse("PROCESSING_FAILED"),
            ..Verdicts::default()
        };
        assert_eq!(unclear.unsafe_to_open(), Some(Quarantine::Virus));
        assert_eq!(
            Verdicts {
                virus: Verdict::Disabled,
                ..unclear
            }
            .unsafe_to_open(),
            None
        );
    }
}
