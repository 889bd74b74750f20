//! Who did what, and when: the trace that every change by a person leaves.

use jiff::Timestamp;
use strum::VariantArray;

use super::key::Key;
use super::personal::Personal;
use super::store::StoreId;
use super::thread::ThreadId;
use super::token::TokenId;

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// The token he does it with; `None`: at the command line, with rights on the table itself.
    pub token: Option<TokenId>,
    /// His name.
    pub name: Personal,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Deed {
    /// An answer was handed in.
    Answered,
    /// An answer was handed in although the screen blocks it.
    Overrode,
    /// A thread needs no response.
    NoResponseNeeded,
    /// That was taken back.
    Reopened,
    /// A thread was read.
    Read,
    /// Labels came or went.
    Tagged,
    /// Somebody takes care of it.
    Assigned,
    /// Nobody does any more.
    Unassigned,
    /// A store was registered.
    StoreRegistered,
    /// Settings of a store were changed.
    StoreChanged,
    /// A token was made.
    TokenMade,
    /// A token was revoked.
    TokenRevoked,
    /// A buyer was erased.
    BuyerErased,
    /// An endpoint was made.
    EndpointMade,
    /// It was deleted.
    EndpointDeleted,
    /// It is called no more.
    EndpointDisabled,
    /// It is called again.
    EndpointEnabled,
    /// It was given a new secret.
    EndpointSecretMade,
    /// It is told again what it missed.
    EndpointReplayed,
}

impl Deed {
    /// Every deed.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in storage and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Overrode => "overrode",
            Self::NoResponseNeeded => "no-response-needed",
            Self::Reopened => "reopened",
            Self::Read => "read",
            Self::Tagged => "tagged",
            Self::Assigned => "assigned",
            Self::Unassigned => "unassigned",
            Self::StoreRegistered => "store-registered",
            Self::StoreChanged => "store-changed",
            Self::TokenMade => "token-made",
            Self::TokenRevoked => "token-revoked",
            Self::BuyerErased => "buyer-erased",
            Self::EndpointMade => "endpoint-made",
            Self::EndpointDeleted => "endpoint-deleted",
            Self::EndpointDisabled => "endpoint-disabled",
            Self::EndpointEnabled => "endpoint-enabled",
            Self::EndpointSecretMade => "endpoint-secret-made",
            Self::EndpointReplayed => "endpoint-replayed",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|deed| deed.as_str() == name)
    }
}

/// One thing that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Did {
    /// In which store; `None`: in all of them.
    pub store: Option<StoreId>,
    /// When.
    pub at: Timestamp,
    /// The same for a repetition.
    pub key: Key,
    /// Who.
    pub by: By,
    /// What.
    pub what: Deed,
    /// To which thread.
    pub thread: Option<ThreadId>,
    /// What it was about: the answer's, token's or endpoint's id, labels, a name.
    pub about: Option<Personal>,
}

impl Did {
    /// Something done, under a key that follows from what it says.
    pub fn new(
        store: Option<&StoreId>,
        at: Timestamp,
        by: &By,
        what: Deed,
        thread: Option<&ThreadId>,
        about: Option<Personal>,
    ) -> Self {
        let parts = [
            store.map_or("*", StoreId::as_str),
            by.token.as_ref().map_or("", TokenId::as_str),
            by.name.expose(),
            what.as_str(),
            thread.map_or("", ThreadId::as_str),
            about.as_ref().map_or("", Personal::expose),
            &at.to_string(),
        ];
        Self {
            store: store.cloned(),
            at,
            key: Key::of(&parts),
            by: by.clone(),
            what,
            thread: thread.cloned(),
            about,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_is_read_back_by_its_name() {
        for &deed in Deed::ALL {
            assert_eq!(Deed::parse(deed.as_str()), Some(deed));
        }
        assert_eq!(Deed::parse("slept"), None);
    }
}
