//! Tokens: who may do what through the API.
//!
//! A token is `w24_<id>_<secret>`: 16 letters that name it (80 random bits), 52 that prove it (256 random bits), and 6 that
//! tell a mistyped or cut one from a wrong one, also to scanners that look for leaked secrets. Of the secret only its SHA-256
//! is kept. A slow hash protects secrets that can be guessed; 256 random bits cannot.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use strum::VariantArray;
use subtle::ConstantTimeEq;

use super::key::{are_letters, letters};
use super::personal::Personal;
use super::store::StoreId;

/// What all tokens begin with.
const PREFIX: &str = "w24_";
const ID_LETTERS: usize = 16;
const SECRET_LETTERS: usize = 52;
const CHECK_LETTERS: usize = 6;
const ID_BYTES: usize = 10;

/// The random bytes of a new token: ten of its id, 32 of its secret.
pub const RANDOM_BYTES: usize = ID_BYTES + 32;

/// What somebody may do: each may do what the one before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Role {
    /// Reads and answers threads.
    Agent,
    /// Overrides the screen, exports threads, sees who did what.
    Lead,
    /// Changes the store, makes and revokes tokens.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Lead => "lead",
            Self::Admin => "admin",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == name)
    }
}

/// Where a role holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// In every store, also in those to come, and beyond stores.
    Everywhere,
    /// In this store.
    Store(StoreId),
}

impl Reach {
    /// `*`, or the store's name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Everywhere => "*",
            Self::Store(store) => store.as_str(),
        }
    }

    /// Reads `*` or a store's name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "*" => Some(Self::Everywhere),
            _ => StoreId::parse(text).map(Self::Store),
        }
    }
}

/// Roles by where they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeMap<Reach, Role>);

impl Scopes {
    /// This role everywhere.
    pub fn everywhere(role: Role) -> Self {
        Self(BTreeMap::from([(Reach::Everywhere, role)]))
    }

    /// Each reach with its role.
    pub fn iter(&self) -> impl Iterator<Item = (&Reach, Role)> {
        self.0.iter().map(|(reach, role)| (reach, *role))
    }

    /// Whether they allow nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In how many places they hold.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The role in this store.
    pub fn in_store(&self, store: &StoreId) -> Option<Role> {
        self.0.get(&Reach::Store(store.clone())).copied().max(self.all_over())
    }

    /// The role everywhere.
    pub fn all_over(&self) -> Option<Role> {
        self.0.get(&Reach::Everywhere).copied()
    }

    /// The highest role anywhere.
    pub fn somewhere(&self) -> Option<Role> {
        self.0.values().copied().max()
    }

    /// Whether who has these may give or take those: he is admin wherever they hold.
    pub fn may_give(&self, those: &Self) -> bool {
        those.0.keys().all(|reach| {
            let role = match reach {
                Reach::Everywhere => self.all_over(),
                Reach::Store(store) => self.in_store(store),
            };
            role == Some(Role::Admin)
        })
    }
}

impl FromIterator<(Reach, Role)> for Scopes {
    fn from_iter<I: IntoIterator<Item = (Reach, Role)>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

/// Names a token. No secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(String);

impl TokenId {
    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == ID_LETTERS && are_letters(text)).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 of a token's secret. It compares in constant time only.
#[derive(Clone)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// A hash read back from storage.
    pub fn kept(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hash as it is kept.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<hash>")
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

/// A token as its holder has it. Cannot be printed.
#[derive(Clone)]
pub struct Bearer {
    id: TokenId,
    secret: String,
}

impl Bearer {
    /// A new token out of random bytes.
    pub fn new(random: &[u8; RANDOM_BYTES]) -> Self {
        let (id, secret) = random.split_at(ID_BYTES);
        Self {
            id: TokenId(letters(id)),
            secret: letters(secret),
        }
    }

    /// Reads a token; `None` where it is none, or its last letters do not fit.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, rest) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let secret = rest
            .get(..SECRET_LETTERS)
            .filter(|secret| are_letters(secret))?
            .to_owned();
        let bearer = Self {
            id: TokenId::parse(id)?,
            secret,
        };
        (rest.get(SECRET_LETTERS..)? == bearer.check()).then_some(bearer)
    }

    /// The token's id.
    pub fn id(&self) -> &TokenId {
        &self.id
    }

    /// The whole token: shown once, to whom it is given.
    pub fn reveal(&self) -> String {
        format!("{}{}_{}{}", PREFIX, self.id.as_str(), self.secret, self.check())
    }

    /// What is kept of the secret.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.secret.as_bytes()).into())
    }

    fn check(&self) -> String {
        let digest = Sha256::digest(format!("{}{}_{}", PREFIX, self.id.as_str(), self.secret));
        letters(&digest)[..CHECK_LETTERS].to_owned()
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<token {}>", self.id.as_str())
    }
}

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Who uses it: a person, or a system.
    pub name: Personal,
    /// What he may do, and where.
    pub scopes: Scopes,
    /// The hash of its secret.
    pub hash: SecretHash,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: Personal,
    /// From then on it opens nothing.
    pub ends_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// The last day (UTC) on which it was used.
    pub used_on: Option<Date>,
}

impl Token {
    /// Whether it opens anything at `now`.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.ends_at.is_none_or(|end| now < end)
    }
}

/// Whether this bearer holds a token that stands. `kept` is what is kept under its id, if anything: where there is nothing a
/// hash is compared all the same, so that the time tells no id.
pub fn opens(kept: Option<&Token>, bearer: &Bearer, now: Timestamp) -> bool {
    let nothing = SecretHash([0; 32]);
    let same = bearer.hash() == *kept.map_or(&nothing, |token| &token.hash);
    same & kept.is_some_and(|token| token.stands(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(byte: u8) -> Bearer {
        Bearer::new(&[byte; RANDOM_BYTES])
    }

    fn scopes(all: &[(&str, Role)]) -> Scopes {
        all.iter()
            .map(|(reach, role)| (Reach::parse(reach).unwrap(), *role))
            .collect()
    }

    fn token(bearer: &Bearer) -> Token {
        Token {
            id: bearer.id().clone(),
            name: "Mara".into(),
            scopes: scopes(&[("de", Role::Agent)]),
            hash: bearer.hash(),
            made_at: "2026-03-02T09:00:00Z".parse().unwrap(),
            made_by: "command".into(),
            ends_at: Some("2026-03-02T10:00:00Z".parse().unwrap()),
            revoked_at: None,
            used_on: None,
        }
    }

    #[test]
    fn a_token_is_read_as_it_was_given_and_in_no_other_form() {
        let given = bearer(7).reveal();
        assert_eq!(given.len(), 79);
        let read = Bearer::parse(&given).unwrap();
        assert_eq!((read.id(), read.hash()), (bearer(7).id(), bearer(7).hash()));
        for place in 0..given.len() {
            let mut other = given.clone().into_bytes();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            assert!(Bearer::parse(&String::from_utf8(other).unwrap()).is_none(), "{place}");
            assert!(Bearer::parse(&given[..place]).is_none(), "{place}");
        }
        for none in [
            "",
            "w24_",
            "w24__",
            &given.to_uppercase(),
            &format!("{given}0"),
            "w24_é_é",
        ] {
            assert!(Bearer::parse(none).is_none(), "{none}");
        }
    }

    #[test]
    fn neither_token_nor_hash_can_be_printed() {
        let bearer = bearer(7);
        let printed = format!("{bearer:?} {:?}", token(&bearer));
        assert!(
            !printed.contains(&bearer.secret) && !printed.contains("Mara"),
            "{printed}"
        );
    }

    #[test]
    fn only_the_secret_opens_and_only_while_the_token_stands() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (right, now) = (bearer(7), at("2026-03-02T09:59:59Z"));
        let kept = token(&right);
        assert!(opens(Some(&kept), &right, now));
        assert!(!opens(Some(&kept), &bearer(8), now));
        assert!(!opens(None, &right, now));
        assert!(!opens(Some(&kept), &right, at("2026-03-02T10:00:00Z")), "it has ended");
        let revoked = Token {
            revoked_at: Some(now),
            ..kept
        };
        assert!(!opens(Some(&revoked), &right, now));
    }

    #[test]
    fn a_role_holds_where_it_was_given() {
        let store = |name: &str| StoreId::parse(name).unwrap();
        let both = scopes(&[("de", Role::Admin), ("fr", Role::Agent)]);
        assert_eq!(both.in_store(&store("de")), Some(Role::Admin));
        assert_eq!(both.in_store(&store("it")), None);
        assert_eq!((both.all_over(), both.somewhere()), (None, Some(Role::Admin)));
        let all = scopes(&[("*", Role::Lead), ("de", Role::Admin), ("fr", Role::Agent)]);
        assert_eq!(all.in_store(&store("fr")), Some(Role::Lead), "the higher of both");
        assert_eq!(all.in_store(&store("de")), Some(Role::Admin));
    }

    #[test]
    fn nobody_gives_what_he_is_not_admin_of() {
        let of_two = scopes(&[("de", Role::Admin), ("fr", Role::Lead)]);
        assert!(of_two.may_give(&scopes(&[("de", Role::Admin)])));
        assert!(!of_two.may_give(&scopes(&[("fr", Role::Agent)])));
        assert!(!of_two.may_give(&scopes(&[("de", Role::Agent), ("fr", Role::Agent)])));
        assert!(!of_two.may_give(&scopes(&[("*", Role::Agent)])));
        let everywhere = Scopes::everywhere(Role::Admin);
        assert!(everywhere.may_give(&everywhere) && everywhere.may_give(&of_two));
        assert!(!Scopes::everywhere(Role::Lead).may_give(&of_two));
    }
}
