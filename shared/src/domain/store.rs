//! A store: one seller account's inbox at one receiving address. Everything else is scoped to one store.

use super::marketplace::Marketplace;
use super::quiet_hours::QuietHours;
use super::store_screen::StoreScreen;

/// Names a store: 1 to 40 letters, digits, dashes and underscores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(String);

impl StoreId {
    /// Reads a store's name.
    pub fn parse(text: &str) -> Option<Self> {
        let usable =
            (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        usable.then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// When buyers are asked for a missing order id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AskOrderId {
    /// Where one is needed: not before a purchase.
    #[default]
    Auto,
    /// Also where the buyer seems to ask before a purchase.
    Always,
    /// Never.
    Never,
}

/// The settings of one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Its name.
    pub id: StoreId,
    /// The address that receives its mail, in lower case; `*` takes what no other store does.
    pub recipient: String,
    /// The address its mail is sent from.
    pub from: String,
    /// The Amazon stores it sells in; empty: any.
    pub marketplaces: Vec<Marketplace>,
    /// Orders a day on average: Amazon's cap on messages grows with it.
    pub daily_orders: u32,
    /// When buyers are asked for a missing order id.
    pub ask_order_id: AskOrderId,
    /// Minutes before the deadline at which a thread is `nearing`.
    pub nearing_minutes: u32,
    /// Minutes before the deadline at which a thread is `critical`.
    pub critical_minutes: u32,
    /// When `nearing` alerts are held back; `critical` and `overdue` never are.
    pub quiet_hours: Option<QuietHours>,
    /// The helpdesk tag that says: no response needed.
    pub no_response_needed_tag: String,
    /// Whether a ticket that is closed without an answer needs none.
    pub closed_needs_no_response: bool,
    /// What it changes about the screen.
    pub screen: StoreScreen,
}

impl Store {
    /// A store with the defaults of the contract.
    pub fn new(id: StoreId, recipient: &str, from: &str) -> Self {
        Self {
            id,
            recipient: recipient.trim().to_lowercase(),
            from: from.trim().to_owned(),
            marketplaces: Vec::new(),
            daily_orders: 0,
            ask_order_id: AskOrderId::Auto,
            nearing_minutes: 240,
            critical_minutes: 60,
            quiet_hours: None,
            no_response_needed_tag: "no-response-needed".to_owned(),
            closed_needs_no_response: false,
            screen: StoreScreen::default(),
        }
    }

    /// Messages the store may send on one day (UTC): Amazon's cap, 5 × average daily orders + 600. Automatic mail may use
    /// 0.8 of it, so that people can always answer. Source: Amazon, "Communication limits" (Seller Central help).
    pub fn daily_budget(&self, automatic: bool) -> u64 {
        let all = 5 * u64::from(self.daily_orders) + 600;
        if automatic { all * 4 / 5 } else { all }
    }
}

/// The forms under which a recipient may be registered, most exact first: as it is, without its `+tag`, the catch-all.
pub fn recipient_forms(recipient: &str) -> Vec<String> {
    let address = recipient
        .trim()
        .trim_start_matches('<')
        .trim_end_matches('>')
        .to_lowercase();
    let untagged = address
        .split_once('@')
        .and_then(|(local, host)| Some(format!("{}@{host}", local.split_once('+')?.0)));
    let mut forms = vec![address];
    forms.extend(untagged);
    forms.push("*".to_owned());
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_mail_leaves_a_fifth_of_the_budget_to_people() {
        let mut store = Store::new(StoreId::parse("de").unwrap(), "A@x.example", "a@x.example");
        store.daily_orders = 40;
        assert_eq!((store.daily_budget(false), store.daily_budget(true)), (800, 640));
    }

    #[test]
    fn a_tagged_recipient_is_looked_up_exactly_first() {
        assert_eq!(
            recipient_forms("Shop+DE@x.example"),
            ["shop+de@x.example", "shop@x.example", "*"]
        );
        assert_eq!(recipient_forms("shop@x.example"), ["shop@x.example", "*"]);
    }
}
