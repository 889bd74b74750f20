//! `within24 threads`: the inbox as people search it, after a timeline.

use anyhow::{Result, bail};
use clap::Args;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ColumnConstraint, ContentArrangement};
use jiff::Timestamp;
use within24::adapters::dynamodb::Table;
use within24::app::list::{Named, list, named};
use within24::domain::alias::{Buyer, CaseId};
use within24::domain::listing::{Filter, Listed};
use within24::domain::marketplace::Marketplace;
use within24::domain::order_id::OrderId;
use within24::domain::store::StoreId;
use within24::domain::thread::{Status, ThreadId};
use within24::ports::Handle;

use crate::output::ThreadLine;

/// Threads of one page of the query.
const PAGE: usize = 50;

/// Which threads to list: all of these hold.
#[derive(Args, Debug, Default)]
pub struct Wanted {
    /// Of this store only.
    #[arg(long)]
    pub store: Option<String>,
    /// needs-response, answered or no-response-needed.
    #[arg(long)]
    pub status: Option<String>,
    /// Due at this time (RFC 3339) or earlier.
    #[arg(long, value_name = "TIME")]
    pub due_by: Option<Timestamp>,
    /// Of this marketplace: DE, GB, JP …
    #[arg(long)]
    pub marketplace: Option<String>,
    /// With this tag.
    #[arg(long)]
    pub tag: Option<String>,
    /// Assigned to this person.
    #[arg(long)]
    pub assignee: Option<String>,
    /// Naming this order.
    #[arg(long, value_name = "ID")]
    pub order: Option<String>,
    /// Of this buyer: his relay address.
    #[arg(long, value_name = "ADDRESS")]
    pub buyer: Option<String>,
    /// Of this case of Seller Central.
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// The thread with this id.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// With a buyer's message that nobody has read or answered.
    #[arg(long)]
    pub unread: bool,
    /// With nothing new for 90 days; without this they are left out.
    #[arg(long)]
    pub archived: bool,
}

/// A value of the command line, or an error that says what is wanted.
fn read<T>(value: Option<&String>, parse: impl Fn(&str) -> Option<T>, what: &str) -> Result<Option<T>> {
    match value {
        None => Ok(None),
        Some(text) => match parse(text.trim()) {
            Some(value) => Ok(Some(value)),
            None => bail!("{text} is no {what}"),
        },
    }
}

impl Wanted {
    fn filter(&self) -> Result<Filter> {
        let named = self.order.is_some() || self.buyer.is_some() || self.case.is_some() || self.id.is_some();
        Ok(Filter {
            status: read(
                self.status.as_ref(),
                Status::parse,
                "status (needs-response, answered, no-response-needed)",
            )?,
            due_by: self.due_by,
            marketplace: read(
                self.marketplace.as_ref(),
                Marketplace::parse,
                "marketplace (DE, GB, JP …)",
            )?,
            tag: self.tag.clone(),
            assignee: self.assignee.clone(),
            unread: self.unread.then_some(true),
            archived: if named && !self.archived {
                None
            } else {
                Some(self.archived)
            },
        })
    }

    /// Whether only threads that wait are wanted.
    pub fn only_waiting(&self) -> bool {
        self.filter().is_ok_and(|filter| filter.only_waiting())
    }

    /// The wishes as parameters of the API.
    ///
    /// # Errors
    /// Where a wish cannot be read, or the API has none like it.
    pub fn query(&self) -> Result<Vec<(&'static str, String)>> {
        let (filter, _) = (self.filter()?, self.handles()?);
        if let Some(id) = &self.id {
            bail!("`within24 show {id}` shows one thread");
        }
        let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string());
        let wishes = [
            ("status", filter.status.map(|status| status.as_str().to_owned())),
            ("due_by", filter.due_by.map(|at| at.to_string())),
            ("marketplace", filter.marketplace.map(|market| market.code().to_owned())),
            ("tag", filter.tag),
            ("assignee", filter.assignee),
            ("unread", flag(filter.unread)),
            ("archived", flag(filter.archived)),
            ("order_id", self.order.clone()),
            ("case_id", self.case.clone()),
            ("buyer", self.buyer.clone()),
        ];
        let wishes = wishes.into_iter();
        Ok(wishes
            .filter_map(|(name, value)| Some((name, value?.trim().to_owned())))
            .collect())
    }

    fn handles(&self) -> Result<Vec<Handle>> {
        let order = read(self.order.as_ref(), OrderId::parse, "order id (123-1234567-1234567)")?;
        let case = read(self.case.as_ref(), CaseId::parse, "case id")?;
        let id = read(self.id.as_ref(), ThreadId::parse, "thread id")?;
        let handles = [order.map(Handle::Order), case.map(Handle::Case), id.map(Handle::Thread)];
        Ok(handles.into_iter().flatten().collect())
    }

    /// The threads of these stores that are wanted: by deadline where only waiting ones are, else the latest opened first.
    ///
    /// # Errors
    /// Where a wish cannot be read, or this machine fails.
    pub async fn find(&self, table: &Table, stores: &[StoreId], now: Timestamp) -> Result<Vec<Listed>> {
        let (filter, handles) = (self.filter()?, self.handles()?);
        let buyer = read(self.buyer.as_ref(), Buyer::parse, "relay address of a buyer")?;
        let wanted = Named { handles, buyer };
        let only = read(self.store.as_ref(), StoreId::parse, "name of a store")?;
        let mut found = Vec::new();
        for store in stores
            .iter()
            .filter(|store| only.as_ref().is_none_or(|only| only == *store))
        {
            found.extend(if wanted.is_empty() {
                all(table, store, &filter, now).await?
            } else {
                named(table, store, &wanted, &filter, now).await?
            });
        }
        if filter.only_waiting() {
            found.sort_by(|a, b| (a.due_at(), &a.id).cmp(&(b.due_at(), &b.id)));
        } else {
            found.sort_by(|a, b| b.id.cmp(&a.id));
        }
        Ok(found)
    }
}

/// Every page of a list.
async fn all(table: &Table, store: &StoreId, filter: &Filter, now: Timestamp) -> Result<Vec<Listed>> {
    let mut threads = Vec::new();
    let mut after = None;
    loop {
        let page = list(table, store, filter, after, PAGE, now).await?;
        threads.extend(page.threads);
        after = page.next;
        if after.is_none() {
            return Ok(threads);
        }
    }
}

/// The threads for people, a line each.
pub fn render(threads: &[ThreadLine], now: Timestamp, width: u16) -> String {
    let mut rows = comfy_table::Table::new();
    rows.load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(["left of 24 h", "store", "buyer", "order", "subject", "thread"]);
    for place in [0, 1, 3, 5] {
        if let Some(column) = rows.column_mut(place) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for thread in threads {
        rows.add_row([
            crate::pretty::time_left(thread, now),
            format!("{} {}", thread.store, thread.marketplace),
            crate::pretty::short(thread.buyer_name.as_deref().or(Some("(no name)")), 40),
            thread.order_ids.first().cloned().unwrap_or_else(|| "none".to_owned()),
            crate::pretty::short(thread.subject.as_deref().or(Some("(none)")), 24),
            thread.id.clone(),
        ]);
    }
    let word = if threads.len() == 1 { "thread" } else { "threads" };
    format!("{rows}\n{} {word}\n", threads.len())
}
