//! What a mail names beside its words: addresses, order ids, ids of mails.

use std::borrow::Cow;

use super::defect::{BAD_MESSAGE_ID, Defects};
use super::header::{Headers, message_ids};
use super::mime::Body;
use super::read::Words;
use super::sender::Sender;
use super::{Kind, Mail, OrderIdFrom, footer, history, orders, sender};
use crate::domain::alias::Alias;
use crate::domain::marketplace::Marketplace;
use crate::domain::message_id::MessageId;
use crate::domain::personal::Personal;

/// Ids kept from what a notice quotes.
const MOST_EMBEDDED_IDS: usize = 50;

/// Its own id.
pub(super) fn message_id(headers: &Headers<'_>, defects: &mut Defects) -> Option<MessageId> {
    let value = headers.plain("Message-ID")?;
    let id = message_ids(&value)
        .into_iter()
        .next()
        .or_else(|| MessageId::parse(&value));
    if id.is_none() {
        defects.add(BAD_MESSAGE_ID);
    }
    id
}

/// What it answers.
pub(super) fn answers(headers: &Headers<'_>) -> Vec<MessageId> {
    let mut ids: Vec<MessageId> = Vec::new();
    let of = |name: &str| headers.plain(name).map(|value| message_ids(&value)).unwrap_or_default();
    for id in of("In-Reply-To").into_iter().chain(of("References").into_iter().rev()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// Alias and marketplace. Notices name the buyer in their text, delivery failures in the recipient.
pub(super) fn addresses(
    mail: &mut Mail,
    headers: &Headers<'_>,
    sender: &Sender,
    body: &Body,
    readable: &str,
    words: &Words<'_>,
) {
    mail.alias = match mail.kind {
        Kind::BuyerMessage => sender.alias.clone(),
        Kind::OwnCopy => sender.written_to.as_ref().and_then(|m| Alias::parse(&m.address)),
        Kind::OptOutNotice | Kind::RestrictionNotice => sender.alias.clone().or_else(|| alias_in(readable)),
        Kind::DeliveryFailure => body
            .embedded
            .iter()
            .find_map(|text| alias_in(text))
            .or_else(|| alias_in(readable)),
        _ => None,
    };
    if matches!(mail.kind, Kind::Other | Kind::ForwardingConfirmation) {
        return;
    }
    let by_header = || {
        headers
            .plain("X-Marketplace-ID")
            .and_then(|id| Marketplace::by_amazon_id(id.trim()))
    };
    let claimed = if sender.claims_amazon { by_header() } else { None };
    mail.marketplace = claimed
        .or_else(|| mail.alias.as_ref().map(Alias::marketplace))
        .or_else(|| {
            let footer = if words.framed { words.footer } else { readable };
            if sender.claims_amazon {
                footer::marketplace(footer)
            } else {
                None
            }
        });
}

/// The first relay address that a text names.
fn alias_in(text: &str) -> Option<Alias> {
    sender::aliases(text).into_iter().next()
}

/// Order ids and near misses, strongest source first.
pub(super) fn order_ids(mail: &mut Mail, subject: &str, words: &Words<'_>, parted: &history::Parted, body: &Body) {
    if mail.kind == Kind::ForwardingConfirmation {
        return;
    }
    let frame = if matches!(mail.kind, Kind::BuyerMessage | Kind::ReplyCopy) {
        words.head
    } else {
        ""
    };
    // A mail that a buyer attaches is not his text; one that comes back was ours.
    let embedded = if mail.kind == Kind::DeliveryFailure {
        body.embedded.as_slice()
    } else {
        &[]
    };
    let returned = embedded
        .iter()
        .filter_map(|text| text.lines().find(|line| line.starts_with("Subject:")));
    let returned = returned.fold(String::new(), |all, line| format!("{all}\n{line}"));
    let history = if returned.is_empty() {
        Cow::Borrowed(parted.history.as_str())
    } else {
        Cow::Owned(format!("{}{returned}", parted.history))
    };
    let sources = [
        (OrderIdFrom::Subject, subject),
        (OrderIdFrom::Frame, frame),
        (OrderIdFrom::Text, parted.own.as_str()),
        (OrderIdFrom::History, history.as_ref()),
    ];
    for (source, text) in sources {
        let mut found = orders::find(text);
        // What our own request shows comes back in what a buyer quotes.
        if matches!(source, OrderIdFrom::Text | OrderIdFrom::History) {
            found.ids.retain(|id| !id.is_example());
        }
        if mail.order_ids.is_empty() && !found.ids.is_empty() {
            mail.order_id_from = Some(source);
        }
        for id in found.ids {
            if !mail.order_ids.contains(&id) {
                mail.order_ids.push(id);
            }
        }
        if matches!(source, OrderIdFrom::Subject | OrderIdFrom::Text) {
            for near in found.near.into_iter().map(Personal::new) {
                if !mail.near_order_ids.contains(&near) {
                    mail.near_order_ids.push(near);
                }
            }
        }
    }
}

/// Ids of mails that a notice or delivery failure returns or quotes.
pub(super) fn embedded_ids(body: &Body, readable: &str, own: Option<&MessageId>) -> Vec<MessageId> {
    let mut ids: Vec<MessageId> = Vec::new();
    for text in body.embedded.iter().map(String::as_str).chain([readable]) {
        let mut field = String::new();
        let mut inside = false;
        for line in text.lines().take(5000) {
            let name = line
                .split(':')
                .next()
                .unwrap_or_default()
                .trim_start_matches(['>', ' ', '*']);
            let folded = line.starts_with([' ', '\t']) && inside;
            inside = folded
                || [
                    "message-id",
                    "references",
                    "in-reply-to",
                    "original-message-id",
                    "x-original-message-id",
                ]
                .iter()
                .any(|n| name.trim().eq_ignore_ascii_case(n));
            if inside {
                field.push_str(line);
                field.push('\n');
            }
        }
        for id in message_ids(&field) {
            if Some(&id) != own && !ids.contains(&id) && ids.len() < MOST_EMBEDDED_IDS {
                ids.push(id);
            }
        }
    }
    ids
}
