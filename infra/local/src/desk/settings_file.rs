//! A store's settings as a TOML file, in the names of the API. What cannot be used is said with its line, and with what to
//! write instead: names and types here, values by the system, which knows them best.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use within24::domain::store::StoreId;
use within24::wire::problem::Invalid;

/// The form of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Texts,
    Number,
    Flag,
    /// Settings of their own.
    Table(&'static [Field]),
    /// By rules' ids, texts.
    TextByRule,
    /// By rules' ids, lists of texts.
    TextsByRule,
}

/// A setting: its name, its form, and what to write there.
type Field = (&'static str, Form, &'static str);

const ID: Field = (
    "id",
    Form::Text,
    "the store's name in quotes: 1 to 40 letters, digits, dashes and underscores",
);

/// All settings, in the order in which they are written.
const FIELDS: &[Field] = &[
    ID,
    (
        "recipient",
        Form::Text,
        "the address in quotes to which Amazon sends this store's mail, or \"*\" for all mail that no other store takes",
    ),
    (
        "from",
        Form::Text,
        "the address in quotes that mail is sent from; Amazon takes approved senders only",
    ),
    (
        "marketplaces",
        Form::Texts,
        "a list of codes, like [\"DE\", \"FR\"]; empty: any",
    ),
    (
        "daily_orders",
        Form::Number,
        "the average number of orders a day, like 40: Amazon's cap on messages grows with it",
    ),
    (
        "ask_order_id",
        Form::Text,
        "when buyers are asked for a missing order id: \"auto\", \"always\" or \"never\"",
    ),
    ("nearing_minutes", Form::Number, "minutes before the deadline, like 240"),
    ("critical_minutes", Form::Number, "minutes before the deadline, like 60"),
    (
        "quiet_hours",
        Form::Text,
        "two times and a zone in quotes, like \"22:00-07:00 Europe/Berlin\"",
    ),
    (
        "no_response_needed_tag",
        Form::Text,
        "the helpdesk's tag in quotes that says: no response needed",
    ),
    (
        "closed_needs_no_response",
        Form::Flag,
        "true or false: whether a ticket closed without an answer needs none",
    ),
    ("screen", Form::Table(SCREEN), "a table: [screen]"),
];

const SCREEN: &[Field] = &[
    (
        "allowed_hosts",
        Form::Texts,
        "a list of hosts, like [\"help.shop.example\"]",
    ),
    (
        "i_accept_the_risk",
        Form::Flag,
        "true or false: whether rules of Amazon's may be loosened",
    ),
    (
        "rules",
        Form::TextByRule,
        "rules' ids with \"off\", \"note\", \"warn\" or \"block\", like emoji = \"off\"",
    ),
    (
        "phrases",
        Form::TextsByRule,
        "rules' ids with lists of phrases, like marketing = [\"visit our shop\"]",
    ),
];

/// What there must be.
const NEEDED: [&str; 3] = ["id", "recipient", "from"];

/// Something in the file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its line, from 1.
    pub line: usize,
    /// What it is, and what to write instead.
    pub words: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.words)
    }
}

/// A file that was read.
#[derive(Debug)]
pub struct SettingsFile {
    /// The store.
    pub id: StoreId,
    /// The settings, as the API takes them.
    pub body: Value,
    lines: BTreeMap<String, usize>,
}

/// Reads a file.
///
/// # Errors
/// All that is wrong with it, by lines.
pub fn read(text: &str) -> Result<SettingsFile, Vec<Wrong>> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let words = format!("this is no TOML: {}", error.message());
        vec![Wrong {
            line: line(text, at),
            words,
        }]
    })?;
    let mut reading = Reading {
        text,
        wrong: Vec::new(),
        lines: BTreeMap::new(),
    };
    let mut body = reading.table(table.get_ref(), FIELDS, "");
    for (name, _, instead) in FIELDS.iter().filter(|(name, ..)| NEEDED.contains(name)) {
        if !table.get_ref().contains_key(*name) {
            reading.complain(0, format!("{name} is missing; write {instead}"));
        }
    }
    let id = body.remove("id");
    let id = id
        .as_ref()
        .and_then(Value::as_str)
        .map(|id| StoreId::parse(id).ok_or(ID.2));
    if let Some(Err(instead)) = id {
        let at = reading.lines.get("/id").copied().unwrap_or(1);
        let words = format!("id: write {instead}");
        reading.wrong.push(Wrong { line: at, words });
    }
    let Reading { mut wrong, lines, .. } = reading;
    match id {
        Some(Ok(id)) if wrong.is_empty() => Ok(SettingsFile {
            id,
            body: body.into(),
            lines,
        }),
        _ => {
            wrong.sort_by_key(|wrong| wrong.line);
            Err(wrong)
        }
    }
}

impl SettingsFile {
    /// What the system found, with its lines.
    pub fn locate(&self, errors: &[Invalid]) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = errors.iter().map(|error| self.located(error)).collect();
        wrong.sort_by_key(|wrong| wrong.line);
        wrong
    }

    fn located(&self, Invalid { pointer, detail }: &Invalid) -> Wrong {
        let mut place = pointer.as_str();
        let line = loop {
            if let Some(line) = self.lines.get(place) {
                break *line;
            }
            match place.rsplit_once('/') {
                Some((parent, _)) => place = parent,
                None => break 1,
            }
        };
        let name = pointer.trim_start_matches('/').replace('/', ".");
        let words = format!("{name}: {detail}");
        Wrong { line, words }
    }
}

/// A file while it is read.
struct Reading<'a> {
    text: &'a str,
    wrong: Vec<Wrong>,
    /// Where each value stands, by its JSON pointer.
    lines: BTreeMap<String, usize>,
}

impl Reading<'_> {
    fn complain(&mut self, at: usize, words: String) {
        let line = line(self.text, at);
        self.wrong.push(Wrong { line, words });
    }

    fn table(&mut self, table: &DeTable<'_>, fields: &[Field], place: &str) -> Map<String, Value> {
        let mut read = Map::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let Some((_, form, instead)) = fields.iter().find(|(known, ..)| *known == name) else {
                self.complain(key.span().start, unknown(name, fields));
                continue;
            };
            let at = format!("{place}/{name}");
            self.lines.insert(at.clone(), line(self.text, key.span().start));
            match self.value(value, *form, &at) {
                Ok(value) => drop(read.insert(name.to_owned(), value)),
                Err(place) => self.complain(place, format!("{name}: write {instead}")),
            }
        }
        read
    }

    /// The value in this form, or the place of what has another.
    fn value(&mut self, value: &Spanned<DeValue<'_>>, form: Form, place: &str) -> Result<Value, usize> {
        let wrong = value.span().start;
        match (form, value.get_ref()) {
            (Form::Text, DeValue::String(text)) => Ok(text.as_ref().into()),
            (Form::Flag, DeValue::Boolean(flag)) => Ok((*flag).into()),
            (Form::Number, DeValue::Integer(number)) => {
                let number = u32::from_str_radix(number.as_str(), number.radix()).map_err(|_| wrong)?;
                Ok(number.into())
            }
            (Form::Texts, DeValue::Array(list)) => {
                let entries = list.iter().enumerate();
                let entries = entries.map(|(number, entry)| {
                    let at = line(self.text, entry.span().start);
                    self.lines.insert(format!("{place}/{number}"), at);
                    self.value(entry, Form::Text, place)
                });
                Ok(entries.collect::<Result<Vec<_>, _>>()?.into())
            }
            (Form::Table(fields), DeValue::Table(table)) => Ok(self.table(table, fields, place).into()),
            (Form::TextByRule | Form::TextsByRule, DeValue::Table(table)) => {
                let inner = if form == Form::TextByRule {
                    Form::Text
                } else {
                    Form::Texts
                };
                let mut read = Map::new();
                for (key, value) in table {
                    let name = key.get_ref().as_ref();
                    let at = format!("{place}/{name}");
                    self.lines.insert(at.clone(), line(self.text, key.span().start));
                    read.insert(name.to_owned(), self.value(value, inner, &at)?);
                }
                Ok(read.into())
            }
            _ => Err(wrong),
        }
    }
}

fn unknown(name: &str, fields: &[Field]) -> String {
    let near = fields
        .iter()
        .map(|(known, ..)| (strsim::jaro_winkler(known, name), *known));
    let near = near
        .filter(|(alike, _)| *alike > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let instead = near.map_or_else(
        || {
            let known: Vec<&str> = fields.iter().map(|(known, ..)| *known).collect();
            format!("there are {}", known.join(", "))
        },
        |(_, near)| format!("write {near}"),
    );
    format!("there is no setting {}; {instead}", crate::pretty::printable(name))
}

/// The number of the line at this place.
fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The settings as a file that [`read`] takes: what is not set is left out.
pub fn write(settings: &Value) -> String {
    let order = |name: &String| {
        FIELDS
            .iter()
            .position(|(known, ..)| known == name)
            .unwrap_or(FIELDS.len())
    };
    let mut names: Vec<&String> = settings.as_object().into_iter().flat_map(Map::keys).collect();
    names.sort_by_key(|name| order(name));
    let all = names
        .into_iter()
        .filter_map(|name| Some((name.clone(), set(&settings[name])?)));
    all.collect::<toml::Table>().to_string()
}

/// What is set of a value; `None` where nothing is.
fn set(value: &Value) -> Option<toml::Value> {
    match value {
        Value::Null => None,
        Value::Object(inner) => {
            let inner = inner
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), set(value)?)));
            let inner: toml::Table = inner.collect();
            (!inner.is_empty()).then(|| inner.into())
        }
        other => toml::Value::try_from(other).ok(),
    }
}

/// The names of the settings that a file can have, those in `[screen]` after a dot.
pub fn names() -> Vec<String> {
    let inner = SCREEN.iter().map(|(name, ..)| format!("screen.{name}"));
    FIELDS
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .chain(inner)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use within24::wire::Object;
    use within24::wire::store::{AskOrderIdIn, ScreenSettingsIn, SettingsIn, SeverityIn};

    const WHOLE: &str = "id = \"de\"\nrecipient = \"shop@inbox.example\"\nfrom = \"shop@inbox.example\"\nmarketplaces = [\n  \
        \"DE\",\n  \"FR\",\n]\ndaily_orders = 40\nquiet_hours = \"22:00-07:00 Europe/Berlin\"\nclosed_needs_no_response = \
        false\n\n[screen]\nallowed_hosts = [\"help.shop.example\"]\n\n[screen.rules]\nemoji = \"off\"\n\n[screen.phrases]\n\
        marketing = [\"visit our shop\"]\n";

    fn wrong(text: &str) -> Vec<String> {
        read(text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_is_the_body_that_the_api_takes() {
        let file = read(WHOLE).unwrap();
        assert_eq!(file.id.as_str(), "de");
        let wanted = json!({
            "recipient": "shop@inbox.example", "from": "shop@inbox.example", "marketplaces": ["DE", "FR"], "daily_orders": 40,
            "quiet_hours": "22:00-07:00 Europe/Berlin", "closed_needs_no_response": false,
            "screen": {
                "allowed_hosts": ["help.shop.example"], "rules": {"emoji": "off"},
                "phrases": {"marketing": ["visit our shop"]},
            },
        });
        assert_eq!(file.body, wanted);
    }

    #[test]
    fn a_file_has_the_settings_of_the_api_and_no_others() {
        let screen = ScreenSettingsIn {
            rules: BTreeMap::from([("emoji".to_owned(), SeverityIn::Off)]),
            phrases: BTreeMap::from([("marketing".to_owned(), vec!["visit our shop".to_owned()])]),
            allowed_hosts: vec!["help.shop.example".to_owned()],
            i_accept_the_risk: true,
        };
        let all = SettingsIn {
            recipient: "shop@inbox.example".to_owned(),
            from: "shop@inbox.example".to_owned(),
            marketplaces: vec!["DE".to_owned()],
            daily_orders: 40,
            ask_order_id: Some(AskOrderIdIn::Never),
            nearing_minutes: Some(240),
            critical_minutes: Some(60),
            quiet_hours: Some("22:00-07:00 Europe/Berlin".to_owned()),
            no_response_needed_tag: Some("done".to_owned()),
            closed_needs_no_response: true,
            screen: Object(screen),
        };
        let all = serde_json::to_value(all).unwrap();
        let mut file = all.clone();
        file["id"] = "de".into();
        let inner = file["screen"].as_object().unwrap().keys();
        let mut known: Vec<String> = inner.map(|name| format!("screen.{name}")).collect();
        known.extend(file.as_object().unwrap().keys().cloned());
        let mut named = names();
        known.sort();
        named.sort();
        assert_eq!(named, known);
        let read = read(&write(&file)).unwrap().body;
        assert_eq!(read, all);
        let given: SettingsIn = serde_json::from_value(read).unwrap();
        assert_eq!(serde_json::to_value(given).unwrap(), all);
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let mut whole = read(WHOLE).unwrap().body;
        whole["id"] = "de".into();
        whole["ask_order_id"] = Value::Null;
        let text = write(&whole);
        assert!(text.starts_with("id = \"de\"\nrecipient = "), "{text}");
        let again = read(&text).unwrap();
        whole
            .as_object_mut()
            .unwrap()
            .retain(|name, value| name != "id" && !value.is_null());
        assert_eq!(again.body, whole);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_with_its_line_and_what_to_write() {
        let text = "id = \"d e\"\nrecipiant = \"x\"\nfrom = 7\nmarketplaces = [\"DE\", 3]\ndaily_orders = \"many\"\n\
            colour = \"red\"\n[screen]\nrules = \"off\"\ni_accept = true\n[screen.phrases]\nmarketing = \"x\"\n";
        let said = wrong(text);
        let lines: Vec<&str> = said.iter().map(|wrong| wrong.split(':').next().unwrap()).collect();
        assert_eq!(lines, ["1", "1", "2", "3", "4", "5", "6", "8", "9", "11"], "{said:#?}");
        assert!(said[0].contains("recipient is missing; write the address"), "{said:?}");
        assert_eq!(said[2], "2: there is no setting recipiant; write recipient");
        assert_eq!(
            said[4],
            "4: marketplaces: write a list of codes, like [\"DE\", \"FR\"]; empty: any"
        );
        assert!(said[6].contains("there are id, recipient"), "{said:?}");
        assert_eq!(said[8], "9: there is no setting i_accept; write i_accept_the_risk");
        assert!(said[9].contains("phrases: write rules' ids with lists"), "{said:?}");
        assert!(
            wrong("id = ")[0].starts_with("1: this is no TOML"),
            "{:?}",
            wrong("id = ")
        );
    }

    #[test]
    fn what_the_system_finds_is_said_with_its_line() {
        let file = read(WHOLE).unwrap();
        let invalid = |pointer: &str| Invalid {
            pointer: pointer.to_owned(),
            detail: "write it".to_owned(),
        };
        let pointers = [
            "/marketplaces/1",
            "/screen/phrases/marketing/0",
            "/critical_minutes",
            "/screen/rules",
        ];
        let said = file.locate(&pointers.map(invalid));
        let said: Vec<String> = said.iter().map(ToString::to_string).collect();
        let wanted = [
            "1: critical_minutes: write it",
            "6: marketplaces.1: write it",
            "15: screen.rules: write it",
            "19: screen.phrases.marketing.0: write it",
        ];
        assert_eq!(said, wanted);
    }
}
