//! Amazon's order ids and product numbers.

/// An order id in normal form: `123-1234567-1234567`, digital `D01-1234567-1234567`, seller-made `S01-…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(String);

impl OrderId {
    /// Reads an id already in normal form; nothing is repaired.
    pub fn parse(text: &str) -> Option<Self> {
        let mut groups = text.split('-');
        let (head, middle, tail) = (groups.next()?, groups.next()?, groups.next()?);
        let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
        let prefixed = head.strip_prefix(['D', 'S']).is_some_and(|rest| digits(rest, 2));
        let usable = groups.next().is_none() && (digits(head, 3) || prefixed) && digits(middle, 7) && digits(tail, 7);
        usable.then(|| Self(text.to_owned()))
    }

    /// The id in normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is it the one that requests show as an example? Nobody's order: no id begins with 123.
    pub fn is_example(&self) -> bool {
        self.0 == Self::EXAMPLE
    }

    /// What a request shows for the form of an order id.
    pub const EXAMPLE: &'static str = "123-1234567-1234567";
}

/// An Amazon product number: ten capital letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asin(String);

impl Asin {
    /// Reads a product number.
    pub fn parse(text: &str) -> Option<Self> {
        let usable = text.len() == 10 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        usable.then(|| Self(text.to_owned()))
    }

    /// The ten characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
