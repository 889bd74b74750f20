//! Tags and their attributes.

/// A start tag: lower-case name, attributes with entities decoded.
pub(super) struct Tag {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// The tag as written.
    pub(super) source: String,
}

impl Tag {
    /// The value of an attribute, the first one as browsers take it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Does it run a script on clicks and the like?
    pub(super) fn handles_events(&self) -> bool {
        self.attributes.iter().any(|(key, value)| {
            let event = key
                .strip_prefix("on")
                .is_some_and(|event| event.len() > 3 && event.bytes().all(|b| b.is_ascii_lowercase()));
            event && !value.is_empty()
        })
    }
}

/// Every start tag, and the content of every `<style>` element.
pub(super) fn read(html: &str) -> (Vec<Tag>, Vec<String>) {
    let (mut tags, mut styles) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|offset| at + offset) {
        let rest = &html[open + 1..];
        if rest.starts_with("!--") {
            at = rest.find("-->").map_or(html.len(), |end| open + 1 + end + 3);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            at = open + 1;
            continue;
        }
        let (tag, end) = tag(html, open);
        at = end;
        if tag.name == "style" || tag.name == "script" {
            let close = closing(&html[at..], &tag.name).map_or(html.len(), |offset| at + offset);
            if tag.name == "style" {
                styles.push(html[at..close].to_owned());
            }
            at = close;
        }
        tags.push(tag);
    }
    (tags, styles)
}

/// Where the end tag of `name` stands.
fn closing(html: &str, name: &str) -> Option<usize> {
    html.match_indices("</").map(|(at, _)| at).find(|at| {
        html.get(at + 2..at + 2 + name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
    })
}

fn tag(html: &str, open: usize) -> (Tag, usize) {
    let bytes = html.as_bytes();
    let mut at = open + 1;
    let name_end = html[at..]
        .find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
        .map_or(html.len(), |len| at + len);
    let name = html[at..name_end].to_ascii_lowercase();
    at = name_end;
    let mut attributes = Vec::new();
    while at < bytes.len() && bytes[at] != b'>' {
        if bytes[at].is_ascii_whitespace() || bytes[at] == b'/' {
            at += 1;
            continue;
        }
        let key_end = html[at..]
            .find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))
            .map_or(html.len(), |len| at + len.max(1));
        // A stray "=" or the like: step over one whole character.
        let key_end = (key_end..=html.len())
            .find(|&end| html.is_char_boundary(end))
            .unwrap_or(html.len());
        let key = html[at..key_end].to_ascii_lowercase();
        at = key_end;
        let mut after = at;
        while after < bytes.len() && bytes[after].is_ascii_whitespace() {
            after += 1;
        }
        let mut value = String::new();
        if bytes.get(after) == Some(&b'=') {
            at = after + 1;
            while at < bytes.len() && bytes[at].is_ascii_whitespace() {
                at += 1;
            }
            let (from, end, next) = if let Some(&quote @ (b'"' | b'\'')) = bytes.get(at) {
                let end = html[at + 1..]
                    .find(char::from(quote))
                    .map_or(html.len(), |len| at + 1 + len);
                (at + 1, end, (end + 1).min(html.len()))
            } else {
                let end = html[at.min(html.len())..]
                    .find(|c: char| c.is_whitespace() || c == '>')
                    .map_or(html.len(), |len| at + len);
                (at.min(html.len()), end, end)
            };
            value = decode(&html[from..end]);
            at = next;
        }
        attributes.push((key, value));
    }
    let end = (at + 1).min(html.len());
    (
        Tag {
            name,
            attributes,
            source: html[open..end].to_owned(),
        },
        end,
    )
}

/// Entities that matter in addresses and styles.
fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest
            .char_indices()
            .take(12)
            .find(|(_, c)| *c == ';')
            .map(|(end, _)| (&rest[1..end], end + 1));
        let decoded = entity.and_then(|(name, len)| Some((named(name)?, len)));
        if let Some((c, len)) = decoded {
            out.push(c);
            rest = &rest[len..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn named(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "lt" => '<',
        "gt" => '>',
        "nbsp" | "Tab" | "NewLine" => ' ',
        "colon" => ':',
        "sol" => '/',
        "period" => '.',
        "commat" => '@',
        _ => return None,
    })
}
