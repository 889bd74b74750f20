//! Placeholders of helpdesk macros: `{{ticket.requester.name}}`, `{%mailbox.name%}`, `%NAME%`, `[Order ID]`.
//!
//! What stands between such brackets is read as a variable only where it is one: an identifier with dots and filters. Many
//! identifiers end in what is the end of a host too (`.name`, `.id`, `.email`), so they are taken out before links are looked
//! for. Everything else between the brackets is text and judged as such; so are the words in quotation marks that a filter
//! falls back on, since the buyer may read them.
//!
//! The forms are those of Zendesk, Freshdesk, Gorgias, Front, Help Scout, Intercom, Chatwoot, eDesk and Salesforce, as their
//! documentation of macros shows them, with Liquid, Handlebars, ERB and Razor behind them.

mod name;

use name::{bracketed, is_expression, is_known, is_known_phrase, is_name, words_of};

use super::rule::Shade;

/// Bytes between the brackets that are looked at: no variable is longer.
const LONGEST: usize = 300;
/// A placeholder, as a byte range of the text as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder {
    pub(super) start: usize,
    pub(super) end: usize,
    /// [`Shade::Mild`] where it may be no placeholder after all.
    pub(super) shade: Shade,
    /// The parts that are no text, in order: all of it but for words in quotation marks. Empty where it is judged as text.
    pub(super) masked: Vec<(usize, usize)>,
}

/// Does a placeholder stand for the id of an order? `{{ticket.order_number}}`, `[[Bestellnummer]]`.
pub(super) fn names_order(placeholder: &str) -> bool {
    const ORDERS: [&str; 12] = [
        "order",
        "bestell",
        "auftrag",
        "commande",
        "ordin",
        "pedido",
        "encomenda",
        "zamow",
        "siparis",
        "注文",
        "طلب",
        "订单",
    ];
    let plain = super::text::folded(placeholder);
    ORDERS.iter().any(|order| plain.contains(order))
}

/// Every placeholder of a text, in order, none inside another.
pub(super) fn placeholders(text: &str) -> Vec<Placeholder> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = next_mark(bytes, at) {
        let here = match bytes[next] {
            b'{' => curly(text, next),
            b'$' if text[next..].starts_with("${") => between(text, next, "${", "}").and_then(variable),
            b'[' => square(text, next),
            b'<' => angle(text, next),
            b'%' => percent(text, next),
            b'@' => razor(text, next),
            b'X' => crosses(text, next),
            _ => circles(text, next),
        };
        at = here.as_ref().map_or(next + 1, |placeholder| placeholder.end);
        found.extend(here);
    }
    found
}

/// The bytes that one may begin with.
static MARKS: [bool; 256] = {
    let mut marks = [false; 256];
    let bytes = *b"{$[<%@X\xe2\xe3";
    let mut at = 0;
    while at < bytes.len() {
        marks[bytes[at] as usize] = true;
        at += 1;
    }
    marks
};

/// The next byte that may begin one; of the circles of Japanese forms (`〇〇様`) the first byte.
fn next_mark(bytes: &[u8], from: usize) -> Option<usize> {
    let circle = |at: usize| match bytes[at] {
        0xe2 => bytes.get(at + 1) == Some(&0x97),
        _ => bytes.get(at + 1..at + 3) == Some(&[0x80, 0x87]),
    };
    let mut at = from;
    while let Some(offset) = bytes[at..].iter().position(|byte| MARKS[usize::from(*byte)]) {
        at += offset;
        let begins = match bytes[at] {
            b'X' => bytes.get(at + 1) == Some(&b'X'),
            0xe2 | 0xe3 => circle(at),
            _ => true,
        };
        if begins {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Brackets with what stands between them, on one line.
#[derive(Clone, Copy)]
struct Between<'a> {
    start: usize,
    end: usize,
    inner: &'a str,
    inner_at: usize,
}

fn between<'a>(text: &'a str, start: usize, open: &str, close: &str) -> Option<Between<'a>> {
    let inner_at = start + open.len();
    let rest = text.get(inner_at..)?;
    let near = &rest[..rest.floor_char_boundary(LONGEST)];
    let len = near.find(close)?;
    let inner = &near[..len];
    (!inner.contains('\n')).then_some(Between {
        start,
        end: inner_at + len + close.len(),
        inner,
        inner_at,
    })
}

fn curly(text: &str, at: usize) -> Option<Placeholder> {
    let rest = &text[at..];
    for (open, close) in [("{{{", "}}}"), ("{{", "}}"), ("{%", "%}")] {
        if rest.starts_with(open) {
            return double(between(text, at, open, close)?, open == "{%");
        }
    }
    let brackets = between(text, at, "{", "}")?;
    let name = brackets.inner.trim_start_matches(['!', '$', '#']);
    if !is_name(name) || name.chars().count() < 2 && !name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let shade = if is_known(name) { Shade::Plain } else { Shade::Mild };
    Some(whole(brackets, shade))
}

fn square(text: &str, at: usize) -> Option<Placeholder> {
    if text[at..].starts_with("[[") {
        return double(between(text, at, "[[", "]]")?, false);
    }
    let brackets = between(text, at, "[", "]")?;
    let shade = bracketed(brackets.inner)?;
    Some(Placeholder {
        masked: Vec::new(),
        ..whole(brackets, shade)
    })
}

fn angle(text: &str, at: usize) -> Option<Placeholder> {
    if text[at..].starts_with("<%") {
        return double(between(text, at, "<%", "%>")?, true);
    }
    let brackets = between(text, at, "<", ">")?;
    let named = words_of(brackets.inner).count() <= 4 && is_known_phrase(brackets.inner);
    named.then(|| whole(brackets, Shade::Plain))
}

/// `%NAME%`; a percentage goes before no name.
fn percent(text: &str, at: usize) -> Option<Placeholder> {
    let brackets = between(text, at, "%", "%")?;
    let before = text[..at].chars().next_back();
    let after = text[brackets.end..].chars().next();
    let glued = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let name = brackets.inner;
    if glued(before) || glued(after) || !is_name(name) || !name.starts_with(|c: char| c.is_alphabetic()) {
        return None;
    }
    let shade = if is_known(name) { Shade::Plain } else { Shade::Mild };
    Some(whole(brackets, shade))
}

/// `@Model.Name`, `@ViewBag.Title`.
fn razor(text: &str, at: usize) -> Option<Placeholder> {
    let rest = &text[at + 1..];
    let root = ["Model.", "ViewBag.", "ViewData."]
        .into_iter()
        .find(|root| rest.starts_with(root))?;
    let name = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    let len = rest.find(name).unwrap_or(rest.len());
    let end = at + 1 + rest[..len].trim_end_matches('.').len();
    (end > at + 1 + root.len()).then(|| Placeholder {
        start: at,
        end,
        shade: Shade::Plain,
        masked: vec![(at, end)],
    })
}

/// `XXX` alone; a size (`XXX-Large`) and a part of a word are none.
fn crosses(text: &str, at: usize) -> Option<Placeholder> {
    let len = text[at..].bytes().take_while(|byte| *byte == b'X').count();
    let end = at + len;
    let before = text[..at].chars().next_back();
    let after = text[end..].chars().next();
    let glued = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let size = text[end..].trim_start_matches(['-', ' ']).to_ascii_lowercase();
    let sized = ["l", "large", "s", "small"].iter().any(|word| {
        size.strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    });
    let alone = len >= 3 && !glued(before) && !glued(after) && !sized;
    alone.then_some(Placeholder {
        start: at,
        end,
        shade: Shade::Mild,
        masked: Vec::new(),
    })
}

/// `〇〇様`, `●●円`: circles where a Japanese name or number belongs.
fn circles(text: &str, at: usize) -> Option<Placeholder> {
    let rest = &text[at..];
    let circle = |c: char| matches!(c, '〇' | '○' | '◯' | '●');
    let run = rest.find(|c: char| !circle(c)).unwrap_or(rest.len());
    let behind = rest[run..].trim_start();
    let named = ["様", "さん", "殿", "円", "月", "日"]
        .iter()
        .any(|word| behind.starts_with(word));
    (rest[..run].chars().count() >= 2 && named).then_some(Placeholder {
        start: at,
        end: at + run,
        shade: Shade::Plain,
        masked: Vec::new(),
    })
}

fn whole(brackets: Between<'_>, shade: Shade) -> Placeholder {
    Placeholder {
        start: brackets.start,
        end: brackets.end,
        shade,
        masked: vec![(brackets.start, brackets.end)],
    }
}

/// `${name}`, or nothing.
fn variable(brackets: Between<'_>) -> Option<Placeholder> {
    is_name(brackets.inner.trim()).then(|| whole(brackets, Shade::Plain))
}

/// Double brackets: an expression, or a few words of a form that nobody filled in; those are judged as text too.
fn double(brackets: Between<'_>, statement: bool) -> Option<Placeholder> {
    if is_expression(brackets.inner, statement) {
        let mut placeholder = whole(brackets, Shade::Plain);
        placeholder.masked = without_literals(brackets);
        return Some(placeholder);
    }
    let words: Vec<&str> = brackets.inner.split_whitespace().collect();
    let form = (2..=4).contains(&words.len()) && words.iter().all(|word| word.chars().all(char::is_alphanumeric));
    form.then(|| Placeholder {
        masked: Vec::new(),
        ..whole(brackets, Shade::Plain)
    })
}

/// The brackets and what is between them, but for the words in quotation marks.
fn without_literals(brackets: Between<'_>) -> Vec<(usize, usize)> {
    let mut masked = Vec::new();
    let mut from = brackets.start;
    let mut open: Option<(char, usize)> = None;
    for (offset, c) in brackets.inner.char_indices() {
        let at = brackets.inner_at + offset;
        match open {
            Some((quote, start)) if c == quote => {
                masked.push((from, start));
                from = at;
                open = None;
            }
            None if matches!(c, '"' | '\'') => open = Some((c, at + 1)),
            _ => {}
        }
    }
    masked.push((from, brackets.end));
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shades(text: &str) -> Vec<(&str, Shade)> {
        let found = placeholders(text).into_iter();
        found
            .map(|found| (&text[found.start..found.end], found.shade))
            .collect()
    }

    #[test]
    fn variables_of_helpdesks_are_placeholders() {
        for text in [
            "{{ticket.requester.first_name}}",
            "{{ ticket.id }}",
            "{{ticket.ticket_field_360012345}}",
            "{{ticket.customer.integrations[0].orders[0].name}}",
            "{{contact.name | default: 'there'}}",
            "{{first_name | fallback:\"there\"}}",
            "{{recipient.first_name or \"there\"}}",
            "{%customer.firstName,fallback=there%}",
            "{%mailbox.email%}",
            "{% if ticket.via == 'email' %}",
            "{{#if order.id}}",
            "{{/if}}",
            "{{{shop.link}}}",
            "[[OrderId]]",
            "[[order_id]]",
            "${buyer.name}",
            "<%= order.number %>",
            "%ORDER_ID%",
            "{customer.name}",
            "{!Case.Contact}",
            "@Model.Name",
            "[Your Name]",
            "[KUNDENNAME]",
            "[Bestellnummer]",
            "[DATE]",
            "<Order number>",
            "{{Customer Name}}",
            "〇〇",
        ] {
            let text = format!("a {text}様");
            let found = shades(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].1, Shade::Plain, "{text}");
        }
    }

    #[test]
    fn text_between_brackets_stays_text() {
        for text in [
            "{{ www.shop.com }}",
            "{{ lampen.de }}",
            "{{ jo@lampen.de }}",
            "{{ leave us five stars please, dear }}",
            "lamp{dot}shop{at}x",
            "[dot]",
            "[ASIN: B0FG3KQSB1]",
            "[Important]",
            "[ENTER]",
            "size XXX-Large or XXXL",
            "the [old] lamp",
            "[see photo]",
            "100%ig und 50 % oder 20%-30%",
            "{ }",
            "<b>bold</b>",
        ] {
            assert_eq!(shades(text), [], "{text}");
        }
    }

    #[test]
    fn what_may_be_a_placeholder_is_mild() {
        for text in [
            "{foo}",
            "order XXX is here",
            "[SOME THING]",
            "%foo_bar%",
            "[some_field]",
        ] {
            let found = shades(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].1, Shade::Mild, "{text}");
        }
    }

    #[test]
    fn the_words_a_filter_falls_back_on_stay_text() {
        let text = "{{ name | default: 'www.shop.com' }}";
        let found = placeholders(text);
        let masked: String = found[0].masked.iter().map(|&(start, end)| &text[start..end]).collect();
        assert_eq!(masked, "{{ name | default: '' }}");
    }
}
