//! Mails for tests, built as Amazon builds them.

/// A buyer's message.
#[derive(Clone, Debug)]
pub struct BuyerMail<'a> {
    /// The alias before its `+case` part and host.
    pub alias: &'a str,
    /// The case id.
    pub case: Option<&'a str>,
    /// The relay's domain after `marketplace.amazon.`.
    pub domain: &'a str,
    /// The buyer's name.
    pub name: &'a str,
    /// The order in subject and frame.
    pub order: Option<&'a str>,
    /// The buyer's words.
    pub text: &'a str,
    /// The Message-ID's left part.
    pub id: &'a str,
    /// Amazon's token in the footer.
    pub token: &'a str,
    /// The Date header (RFC 5322).
    pub date: &'a str,
    /// Further header lines, each with its line end.
    pub headers: &'a str,
}

impl Default for BuyerMail<'_> {
    fn default() -> Self {
        Self {
            alias: "a1b2c3d4e5f6g7h",
            case: None,
            domain: "de",
            name: "Vera Muster",
            order: Some("302-1234567-7654321"),
            text: "Guten Tag, wo ist mein Paket? Es sollte schon gestern ankommen.",
            id: "0102-test-0001",
            token: "A1TOKEN0001",
            date: "Mon, 02 Mar 2026 09:00:00 +0000",
            headers: "",
        }
    }
}

impl BuyerMail<'_> {
    /// The address it comes from.
    pub fn address(&self) -> String {
        let case = self.case.map(|case| format!("+{case}")).unwrap_or_default();
        format!("{}{case}@marketplace.amazon.{}", self.alias, self.domain)
    }

    /// The raw mail.
    pub fn raw(&self) -> Vec<u8> {
        let subject = self
            .order
            .map(|order| format!(" (Bestellung: {order})"))
            .unwrap_or_default();
        let frame = self
            .order
            .map(|order| format!("# {order}:\n1 / Laterne [ASIN: B0ABCDEFGH]\n\n"))
            .unwrap_or_default();
        let text = format!(
            "Message-ID: <{id}@eu-west-1.amazonses.com>\nDate: {date}\nFrom: \"{name}\" <{address}>\nTo: shop@inbox.example\n\
             Subject: Frage von Amazon-Kunde {name}{subject}\nX-Space-Notification-Type: BBC_MESSAGE_SENT_TO_MERCHANT\n{headers}\
             MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
             Sie haben eine Nachricht erhalten.\n\n{frame}------------- Nachricht: -------------\n\n{words}\n\n\
             ------------- Ende der Nachricht -------------\n\n\
             Fall abschliessen https://sellercentral.amazon.{domain}/messaging/no-response-needed?t={token}&m=A2&c={token}&h=0123456789abcdef0123456789abcdef01234567&s=1\n\n\
             Copyright 2026 Amazon, Inc.\nSPC-EUAmazon-1234567890123456\n",
            id = self.id,
            date = self.date,
            name = self.name,
            address = self.address(),
            headers = self.headers.replace("\r\n", "\n"),
            words = self.text,
            domain = self.domain,
            token = self.token,
        );
        text.replace('\n', "\r\n").into_bytes()
    }
}
