//! Domain values as rows of the table, and back.

use jiff::{SignedDuration, Timestamp};

use super::keys;
use super::row::{Row, unreadable};
use crate::adapters::event_detail;
use crate::domain::alias::{Alias, Buyer, CaseId};
use crate::domain::attachment::KeptAttachment;
use crate::domain::clock::{self, Level};
use crate::domain::event::Event;
use crate::domain::key::Key;
use crate::domain::language::Language;
use crate::domain::listing::Listed;
use crate::domain::mail::Kind;
use crate::domain::marketplace::Marketplace;
use crate::domain::message::{Fact, Message, MessageKind};
use crate::domain::message_id::MessageId;
use crate::domain::metrics;
use crate::domain::order_id::OrderId;
use crate::domain::outgoing::{Content, Outgoing, State};
use crate::domain::personal::Personal;
use crate::domain::quiet_hours::QuietHours;
use crate::domain::recent_mails::RecentMails;
use crate::domain::report::Report;
use crate::domain::store::{AskOrderId, Store, StoreId};
use crate::domain::tags::TagHistory;
use crate::domain::thread::{Status, Thread, ThreadId};
use crate::ports::{Due, Ported};

/// How long events are kept, in days: longer than any waiting thread is looked at.
const EVENT_DAYS: i64 = 400;

fn by_name<T: Copy>(all: &[T], name: fn(T) -> &'static str, wanted: &str) -> Option<T> {
    all.iter().copied().find(|value| name(*value) == wanted)
}

const LEVELS: [Level; 3] = [Level::Nearing, Level::Critical, Level::Overdue];
const KINDS: [MessageKind; 4] = [
    MessageKind::Buyer,
    MessageKind::Reply,
    MessageKind::Automatic,
    MessageKind::Notice,
];

/// The thread as it is to be stored: with the version after its own.
pub(super) fn thread_row(thread: &Thread) -> Row {
    let row = Row::keyed(keys::buyer(&thread.store, &thread.buyer), keys::thread(&thread.id))
        .number("version", thread.version + 1)
        .text("alias", thread.alias.expose())
        .text_if("case_id", thread.case_id.as_ref().map(CaseId::as_str))
        .list("orders", thread.order_ids.iter().map(|order| order.as_str().to_owned()))
        .text_if("name", thread.buyer_name.as_ref().map(Personal::expose))
        .text_if("subject", thread.subject.as_ref().map(Personal::expose))
        .text_if("newest", thread.newest_subject.as_ref().map(Personal::expose))
        .text_if("lang", thread.language.as_ref().map(Language::as_str))
        .time("opened", thread.opened_at)
        .time("last", thread.last_message_at)
        .time("buyer_at", thread.last_buyer_at)
        .text_if("buyer_mid", thread.last_buyer_id.as_ref().map(MessageId::expose))
        .time_if("answered", thread.last_answer_at)
        .time_if("asked", thread.asked_at)
        .time_if("bounced", thread.bounced_at)
        .text("status", thread.status.as_str())
        .time_if("waiting", thread.waiting_since)
        .text_if("alerted", thread.alerted.map(Level::as_str))
        .time_if("alert_at", thread.next_alert_at)
        .time_if("read", thread.read_at)
        .list("excused", thread.excused.iter().map(Timestamp::to_string))
        .text_if("assignee", thread.assignee.as_ref().map(Personal::expose))
        .time_if("assigned", thread.assigned_at)
        .list("tags", thread.tags.iter().cloned())
        .list(
            "tag_times",
            thread.tag_history.changes.iter().map(|(tag, at)| format!("{at} {tag}")),
        )
        .time_if("tags_listed", thread.tag_history.listed_at)
        .bytes("mails", &thread.mails.bytes())
        .flag("older_mails", thread.mails.has_older())
        .flag("unread", thread.unread())
        .text("fact_pk", keys::listed(&thread.store))
        .text("fact_sk", keys::listed_place(&thread.id));
    match thread.due_at() {
        None => row.time("quiet", thread.last_message_at),
        Some(due) => row
            .text("due_pk", keys::due(&thread.id))
            .text("due_sk", keys::due_place(thread.next_alert_at, due, &thread.id))
            .text("wait_pk", keys::waiting(&thread.store))
            .text("wait_sk", keys::waiting_place(due, &thread.id)),
    }
}

/// What the lists show of a thread.
pub(super) fn listed(row: &Row) -> Ported<Listed> {
    let (store, buyer, id) = thread_key(row)?;
    Ok(Listed {
        id,
        store,
        buyer,
        alias: Alias::parse(row.get("alias")?).ok_or_else(|| unreadable("alias"))?,
        case_id: row.find("case_id").and_then(CaseId::parse),
        order_ids: row.texts("orders").filter_map(OrderId::parse).collect(),
        buyer_name: row.find("name").map(Personal::from),
        subject: row.find("subject").map(Personal::from),
        language: row.find("lang").and_then(Language::parse),
        opened_at: row.get_time("opened")?,
        status: Status::parse(row.get("status")?).ok_or_else(|| unreadable("status"))?,
        waiting_since: row.find_time("waiting")?,
        quiet_since: row.find_time("quiet")?,
        assignee: row.find("assignee").map(Personal::from),
        tags: row.texts("tags").map(str::to_owned).collect(),
        unread: row.is("unread"),
    })
}

/// Store, buyer and id of a thread.
fn thread_key(row: &Row) -> Ported<(StoreId, Buyer, ThreadId)> {
    let (store, buyer) = keys::parse_buyer(row.get("pk")?).ok_or_else(|| unreadable("pk"))?;
    let id = row.get("sk")?.strip_prefix(keys::THREADS).and_then(ThreadId::parse);
    Ok((store, buyer, id.ok_or_else(|| unreadable("sk"))?))
}

/// What the due index says of a thread.
pub(super) fn due(row: &Row) -> Ported<Due> {
    let (store, buyer, thread) = thread_key(row)?;
    let (alert_at, due_at) = keys::parse_due_place(row.get("due_sk")?).ok_or_else(|| unreadable("due_sk"))?;
    Ok(Due {
        store,
        buyer,
        thread,
        alert_at,
        due_at,
    })
}

/// An event that nobody was told of yet.
pub(super) fn event_row(event: &Event) -> Row {
    let (detail_type, detail) = event_detail::write(event);
    let expires = clock::shift(event.at, SignedDuration::from_hours(24 * EVENT_DAYS)).as_second();
    let place = format!(
        "{}#{}#{}",
        keys::sortable(event.at),
        event.store.as_str(),
        event.key.as_str()
    );
    Row::keyed(keys::event(&event.store), event.key.as_str().to_owned())
        .text("type", detail_type)
        .text("detail", detail)
        .number("expires", expires)
        .text("due_pk", keys::UNTOLD)
        .text("due_sk", place)
}

pub(super) fn event(row: &Row) -> Ported<Event> {
    event_detail::read(row.get("type")?, row.get("detail")?).ok_or_else(|| unreadable("detail"))
}

pub(super) fn thread(row: &Row) -> Ported<Thread> {
    let listed = listed(row)?;
    Ok(Thread {
        id: listed.id,
        store: listed.store,
        buyer: listed.buyer,
        alias: listed.alias,
        case_id: listed.case_id,
        order_ids: listed.order_ids,
        buyer_name: listed.buyer_name,
        subject: listed.subject,
        newest_subject: row.find("newest").map(Personal::from),
        language: listed.language,
        opened_at: listed.opened_at,
        last_message_at: row.get_time("last")?,
        last_buyer_at: row.get_time("buyer_at")?,
        last_buyer_id: row.find("buyer_mid").and_then(MessageId::parse),
        last_answer_at: row.find_time("answered")?,
        asked_at: row.find_time("asked")?,
        bounced_at: row.find_time("bounced")?,
        status: listed.status,
        waiting_since: listed.waiting_since,
        alerted: row
            .find("alerted")
            .and_then(|name| by_name(&LEVELS, Level::as_str, name)),
        next_alert_at: row.find_time("alert_at")?,
        read_at: row.find_time("read")?,
        excused: row.texts("excused").filter_map(|at| at.parse().ok()).collect(),
        assignee: listed.assignee,
        assigned_at: row.find_time("assigned")?,
        tags: listed.tags,
        tag_history: TagHistory {
            changes: row.texts("tag_times").filter_map(tag_time).collect(),
            listed_at: row.find_time("tags_listed")?,
        },
        mails: RecentMails::from_bytes(row.find_bytes("mails").unwrap_or_default(), row.is("older_mails")),
        version: row.get_number("version")?,
    })
}

/// A label and when it last came or went.
fn tag_time(text: &str) -> Option<(String, Timestamp)> {
    let (at, tag) = text.split_once(' ')?;
    Some((tag.to_owned(), at.parse().ok()?))
}

/// Name and time of a fact.
pub(super) fn fact_parts(fact: Fact) -> (&'static str, Option<Timestamp>) {
    match fact {
        Fact::Waiting => ("waiting", None),
        Fact::Answered(at) => ("answered", Some(at)),
        Fact::NoResponseNeeded(at) => ("no-response-needed", Some(at)),
        Fact::Imported => ("imported", None),
    }
}

fn fact(row: &Row) -> Ported<Option<Fact>> {
    let at = || row.get_time("fact_at");
    Ok(match row.find("fact") {
        None => None,
        Some("waiting") => Some(Fact::Waiting),
        Some("answered") => Some(Fact::Answered(at()?)),
        Some("no-response-needed") => Some(Fact::NoResponseNeeded(at()?)),
        Some("imported") => Some(Fact::Imported),
        Some(_) => return Err(unreadable("fact")),
    })
}

pub(super) fn message_row(message: &Message, store: &StoreId, buyer: &Buyer) -> Row {
    let row = Row::keyed(keys::buyer(store, buyer), keys::message(&message.key))
        .text("thread", message.thread.as_str())
        .time("at", message.at)
        .text_if("by", message.by.as_ref().map(Personal::expose))
        .text("kind", message.kind.as_str())
        .text_if("mail", message.mail.map(Kind::as_str))
        .flag("auto", message.automatic)
        .long_text("text", message.text.as_ref().map(Personal::expose))
        .text_if("mid", message.message_id.as_ref().map(MessageId::expose))
        .text_if("raw", message.raw.as_deref())
        .number("files", message.attachments)
        .flag("failed", message.failed);
    if message.counts() {
        counted(row, store, buyer.marketplace(), message, &message.key)
    } else {
        row
    }
}

/// With what the metric counts of this message, under this key.
pub(super) fn counted(row: Row, store: &StoreId, marketplace: Marketplace, message: &Message, key: &Key) -> Row {
    let row = match message.fact.map(fact_parts) {
        Some((name, at)) => row.text("fact", name).time_if("fact_at", at),
        None => row,
    };
    row.text("fact_pk", keys::facts(store, metrics::day(message.at)))
        .text("fact_sk", keys::fact(marketplace, message.at, key))
}

pub(super) fn message(row: &Row) -> Ported<Message> {
    let key = row
        .get("sk")?
        .strip_prefix(keys::MESSAGES)
        .and_then(Key::parse)
        .ok_or_else(|| unreadable("sk"))?;
    Ok(Message {
        key,
        thread: ThreadId::parse(row.get("thread")?).ok_or_else(|| unreadable("thread"))?,
        at: row.get_time("at")?,
        by: row.find("by").map(Personal::from),
        kind: by_name(&KINDS, MessageKind::as_str, row.get("kind")?).ok_or_else(|| unreadable("kind"))?,
        mail: row.find("mail").and_then(Kind::parse),
        automatic: row.is("auto"),
        text: row.find_long_text("text")?.map(Personal::from),
        message_id: row.find("mid").and_then(MessageId::parse),
        raw: row.find("raw").map(str::to_owned),
        attachments: u32::try_from(row.find_number("files")).unwrap_or(u32::MAX),
        fact: fact(row)?,
        failed: row.is("failed"),
    })
}

/// What the metric counts of a row of the facts index.
pub(super) fn entry(row: &Row) -> Ported<(Marketplace, Timestamp, metrics::Entry)> {
    let (marketplace, at) = keys::parse_fact(row.get("fact_sk")?).ok_or_else(|| unreadable("fact_sk"))?;
    let entry = fact(row)?.map_or(metrics::Entry::Automatic, metrics::Entry::Buyer);
    Ok((marketplace, at, entry))
}

/// A file of an answer: size, media type and place hold no space, the name comes last.
fn attached(file: &KeptAttachment) -> String {
    format!(
        "{} {} {} {}",
        file.bytes,
        file.media_type,
        file.place,
        file.name.expose()
    )
}

fn attachment(text: &str) -> Ported<KeptAttachment> {
    let mut parts = text.splitn(4, ' ');
    let mut part = || parts.next().ok_or_else(|| unreadable("attached"));
    Ok(KeptAttachment {
        bytes: part()?.parse().map_err(|_| unreadable("attached"))?,
        media_type: part()?.to_owned(),
        place: part()?.to_owned(),
        name: part()?.into(),
    })
}

pub(super) fn outgoing_row(item: &Outgoing) -> Row {
    let row = Row::keyed(keys::buyer(&item.store, &item.buyer), keys::outgoing(&item.key))
        .text("thread", item.thread.as_str())
        .text("kind", item.content.kind())
        .text("state", item.state.as_str())
        .time("created", item.created_at)
        .time_if("claimed", item.claimed_until)
        .list("findings", item.findings.iter().cloned());
    let row = match &item.content {
        Content::OrderIdRequest { language, near_miss } => row
            .text("lang", language.as_str())
            .text_if("near_miss", near_miss.as_ref().map(Personal::expose)),
        Content::Reply {
            text,
            by,
            r#override,
            attachments,
        } => row
            .long_text("text", Some(text.expose()))
            .text("by", by.expose())
            .flag("override", *r#override)
            .list("attached", attachments.iter().map(attached)),
    };
    match item.held_on {
        None => row,
        Some(day) => row.text("held", day.to_string()).text("due_pk", keys::HELD).text(
            "due_sk",
            format!("{day}#{}#{}", keys::sortable(item.created_at), item.key.as_str()),
        ),
    }
}

pub(super) fn outgoing(row: &Row) -> Ported<Outgoing> {
    let (store, buyer, key) = keys::parse_outgoing(row.get("pk")?, row.get("sk")?).ok_or_else(|| unreadable("pk"))?;
    let content = match row.get("kind")? {
        "order-id-request" => Content::OrderIdRequest {
            language: Language::parse(row.get("lang")?).ok_or_else(|| unreadable("lang"))?,
            near_miss: row.find("near_miss").map(Personal::from),
        },
        "reply" => Content::Reply {
            text: row.find_long_text("text")?.ok_or_else(|| unreadable("text"))?.into(),
            by: row.get("by")?.into(),
            r#override: row.is("override"),
            attachments: row.texts("attached").map(attachment).collect::<Ported<_>>()?,
        },
        _ => return Err(unreadable("kind")),
    };
    Ok(Outgoing {
        key,
        store,
        buyer,
        thread: ThreadId::parse(row.get("thread")?).ok_or_else(|| unreadable("thread"))?,
        content,
        state: State::parse(row.get("state")?).ok_or_else(|| unreadable("state"))?,
        created_at: row.get_time("created")?,
        claimed_until: row.find_time("claimed")?,
        held_on: row.find("held").and_then(|day| day.parse().ok()),
        findings: row.texts("findings").map(str::to_owned).collect(),
    })
}

pub(super) fn report_row(report: &Report) -> Row {
    let sk = keys::timed(report.at, &report.key);
    Row::keyed(keys::report(&report.store), sk)
        .time("at", report.at)
        .text("what", report.what.as_str())
        .text("reason", report.reason.as_str())
        .text_if("about", report.about.as_deref())
}

pub(super) fn store_row(store: &Store) -> Row {
    let screen = &store.screen;
    let ask = match store.ask_order_id {
        AskOrderId::Auto => "auto",
        AskOrderId::Always => "always",
        AskOrderId::Never => "never",
    };
    Row::keyed(keys::store(&store.id), "STORE".to_owned())
        .text("recipient", store.recipient.as_str())
        .text("from", store.from.as_str())
        .list(
            "marketplaces",
            store
                .marketplaces
                .iter()
                .map(|marketplace| marketplace.code().to_owned()),
        )
        .number("daily_orders", store.daily_orders)
        .text("ask_order_id", ask)
        .number("nearing_minutes", store.nearing_minutes)
        .number("critical_minutes", store.critical_minutes)
        .text_if("quiet_hours", store.quiet_hours.as_ref().map(QuietHours::to_string))
        .text("no_response_needed_tag", store.no_response_needed_tag.as_str())
        .flag("closed_needs_no_response", store.closed_needs_no_response)
        .list("screen_rules", screen.rules().map(|(rule, to)| format!("{rule}={to}")))
        .list(
            "screen_phrases",
            screen.phrases().map(|(rule, phrase)| format!("{rule}={phrase}")),
        )
        .list("screen_hosts", screen.allowed_hosts().iter().cloned())
        .flag("screen_risk", screen.risk_accepted())
}

pub(super) fn store(row: &Row) -> Ported<Store> {
    let id = row
        .get("pk")?
        .strip_prefix("STORE#")
        .and_then(StoreId::parse)
        .ok_or_else(|| unreadable("pk"))?;
    let minutes = |name| u32::try_from(row.get_number(name)?).map_err(|_| unreadable(name));
    let mut store = Store::new(id, row.get("recipient")?, row.get("from")?);
    store.marketplaces = row.texts("marketplaces").filter_map(Marketplace::parse).collect();
    store.daily_orders = minutes("daily_orders")?;
    store.ask_order_id = match row.get("ask_order_id")? {
        "always" => AskOrderId::Always,
        "never" => AskOrderId::Never,
        _ => AskOrderId::Auto,
    };
    store.nearing_minutes = minutes("nearing_minutes")?;
    store.critical_minutes = minutes("critical_minutes")?;
    store.quiet_hours = row.find("quiet_hours").and_then(QuietHours::stored);
    row.get("no_response_needed_tag")?
        .clone_into(&mut store.no_response_needed_tag);
    store.closed_needs_no_response = row.is("closed_needs_no_response");
    for setting in row.texts("screen_rules") {
        let (rule, to) = setting.split_once('=').ok_or_else(|| unreadable("screen_rules"))?;
        store
            .screen
            .set_rule(rule, to)
            .map_err(|_| unreadable("screen_rules"))?;
    }
    for setting in row.texts("screen_phrases") {
        let (rule, phrase) = setting.split_once('=').ok_or_else(|| unreadable("screen_phrases"))?;
        store
            .screen
            .add_phrase(rule, phrase)
            .map_err(|_| unreadable("screen_phrases"))?;
    }
    row.texts("screen_hosts").for_each(|host| store.screen.allow_host(host));
    store.screen.accept_the_risk(row.is("screen_risk"));
    Ok(store)
}
