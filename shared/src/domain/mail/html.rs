//! HTML to text: one pass, line breaks where a reader sees them, Amazon's anchor around the buyer's words kept.

use std::ops::Range;

use mail_parser::decoders::html::add_html_token;

/// An HTML text as plain text.
#[derive(Debug, Default)]
pub(in crate::domain) struct Converted {
    /// The text, line ends as `\n`.
    pub text: String,
    /// Where the content of the one `<pre … -o-pre-wrap …>` stands in it; `None` if there is none, or more than one.
    pub anchor: Option<Range<usize>>,
    /// Quotations were marked as such: their lines begin with `>`.
    pub cited: bool,
}

/// What only the style of the block with the buyer's words holds.
pub(super) const ANCHOR: &str = "-o-pre-wrap";

/// Marks of links that are kept in the text, since the footer and notices are known by them.
const KEPT_LINKS: [&str; 5] = [
    "no-response-needed",
    "satisfaction/survey-form",
    "bsm_email_report",
    "communication-manager/report",
    "mailto:",
];

struct Writer {
    text: String,
    space: bool,
    pre: usize,
    quotes: Vec<bool>,
    at_line_start: bool,
}

impl Writer {
    fn depth(&self) -> usize {
        self.quotes.iter().filter(|cited| **cited).count()
    }

    fn begin_line(&mut self) {
        if self.at_line_start {
            self.at_line_start = false;
            for _ in 0..self.depth().min(5) {
                self.text.push_str("> ");
            }
        }
    }

    fn line_break(&mut self) {
        while self.pre == 0 && self.text.ends_with(' ') {
            self.text.pop();
        }
        self.begin_line();
        self.text.push('\n');
        self.at_line_start = true;
        self.space = false;
    }

    /// Ends the line if something stands on it.
    fn block(&mut self) {
        if !self.at_line_start {
            self.line_break();
        }
        self.space = false;
    }

    /// Ends the paragraph: a blank line follows.
    fn paragraph(&mut self) {
        self.block();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.line_break();
        }
    }

    fn words(&mut self, words: &str) {
        if self.pre > 0 {
            for (n, line) in words.split('\n').enumerate() {
                if n > 0 {
                    self.line_break();
                }
                if !line.is_empty() {
                    self.begin_line();
                    self.text.push_str(line);
                }
            }
            return;
        }
        for (n, word) in words.split([' ', '\n', '\t', '\u{c}']).enumerate() {
            self.space |= n > 0;
            if word.is_empty() {
                continue;
            }
            if self.space && !self.at_line_start {
                self.text.push(' ');
            }
            self.begin_line();
            self.space = false;
            self.text.push_str(word);
        }
    }
}

/// What is known between two tags.
struct Reader {
    out: Writer,
    anchors: Vec<Range<usize>>,
    open_anchor: Option<usize>,
    link: Option<String>,
    cited: bool,
    /// Elements that are opened and never closed: better shown than lost, and not to be searched for again.
    unclosed: Vec<&'static str>,
}

/// Elements whose content is no text.
const SILENT: [&str; 4] = ["style", "script", "title", "template"];

/// Converts HTML of any quality. Linear in its length.
pub(in crate::domain) fn to_text(html: &str) -> Converted {
    let text = String::with_capacity(html.len() / 2);
    let out = Writer {
        text,
        space: false,
        pre: 0,
        quotes: Vec::new(),
        at_line_start: true,
    };
    let mut reader = Reader {
        out,
        anchors: Vec::new(),
        open_anchor: None,
        link: None,
        cited: false,
        unclosed: Vec::new(),
    };
    let mut rest = html;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        write_text(&mut reader.out, &rest[..at]);
        rest = reader.markup(&rest[at..]);
    }
    write_text(&mut reader.out, rest);
    if let Some(start) = reader.open_anchor {
        reader.anchors.push(start..reader.out.text.len());
    }
    let anchor = if reader.anchors.len() == 1 {
        reader.anchors.pop()
    } else {
        None
    };
    Converted {
        text: reader.out.text,
        anchor,
        cited: reader.cited,
    }
}

impl Reader {
    /// Reads what begins with `<`; returns what follows it.
    fn markup<'a>(&mut self, rest: &'a str) -> &'a str {
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = if self.unclosed.contains(&"!") {
                None
            } else {
                comment.find("-->")
            };
            if end.is_none() {
                self.unclosed.push("!");
            }
            return end.map_or(comment, |end| &comment[end + 3..]);
        }
        let second = rest.as_bytes().get(1);
        let tag_like = second.is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?'));
        let end = match if tag_like { tag_end(rest) } else { Err(1) } {
            Ok(end) => end,
            Err(text) => {
                write_text(&mut self.out, &rest[..text]);
                return &rest[text..];
            }
        };
        let (tag, rest) = (&rest[1..end], &rest[end + 1..]);
        let bare = tag.strip_prefix('/').unwrap_or(tag);
        let name = &bare[..bare
            .bytes()
            .position(|b| !b.is_ascii_alphanumeric())
            .unwrap_or(bare.len())];
        let name = name.to_ascii_lowercase();
        if bare.len() < tag.len() {
            self.close(&name);
            return rest;
        }
        if let Some(silent) = SILENT
            .into_iter()
            .find(|silent| *silent == name && !self.unclosed.contains(silent))
        {
            let behind = skip_element(rest, silent);
            if behind.is_none() {
                self.unclosed.push(silent);
            }
            return behind.unwrap_or(rest);
        }
        self.open(&name, tag);
        // A line end right behind the tag is not part of the text.
        if name == "pre" {
            rest.strip_prefix('\n').unwrap_or(rest)
        } else {
            rest
        }
    }

    fn open(&mut self, name: &str, tag: &str) {
        match name {
            "blockquote" => {
                self.out.block();
                let cited = tag.contains("gmail_quote") || tag.contains("cite");
                self.cited |= cited;
                if self.out.quotes.len() < 50 {
                    self.out.quotes.push(cited);
                }
            }
            "pre" => {
                self.out.block();
                self.out.pre += 1;
                if tag.contains(ANCHOR) && self.open_anchor.is_none() {
                    self.open_anchor = Some(self.out.text.len());
                }
            }
            "a" => {
                let url = attribute(tag, "href");
                self.link = url.filter(|url| KEPT_LINKS.iter().any(|mark| url.contains(mark)));
            }
            _ => self.break_lines(name),
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "blockquote" => {
                self.out.block();
                self.out.quotes.pop();
            }
            "pre" => {
                self.out.pre = self.out.pre.saturating_sub(1);
                if let Some(start) = self.open_anchor.take() {
                    self.anchors.push(start..self.out.text.len());
                }
                self.out.block();
            }
            "a" => {
                if let Some(url) = self.link.take().filter(|url| !self.out.text.ends_with(url.as_str())) {
                    self.out.space = true;
                    self.out.words(&url);
                    self.out.space = true;
                }
            }
            "td" | "th" => self.out.space = true,
            _ => self.break_lines(name),
        }
    }

    /// Tags that break lines, whether they open or close.
    fn break_lines(&mut self, name: &str) {
        match name {
            "br" => self.out.line_break(),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" => self.out.paragraph(),
            "div" | "tr" | "table" | "li" | "dt" | "dd" | "section" | "article" | "header" | "footer" | "center"
            | "body" | "form" | "hr" => self.out.block(),
            _ => {}
        }
    }
}

/// Writes text between tags, entities decoded.
fn write_text(out: &mut Writer, text: &str) {
    if text.is_empty() {
        return;
    }
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        out.words(text);
        return;
    }
    out.words(&decode_entities(text));
}

/// Replaces `&amp;`, `&#233;`, `&eacute;`; what is no entity stays.
fn decode_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(34).position(|b| b == b';');
        let entity = end.map(|end| &rest[..=end]).filter(|entity| {
            entity.len() > 2
                && entity[1..entity.len() - 1]
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'#')
        });
        if let Some(entity) = entity {
            add_html_token(&mut decoded, entity.as_bytes(), false);
            rest = &rest[entity.len()..];
        } else {
            decoded.push('&');
            rest = &rest[1..];
        }
    }
    decoded.push_str(rest);
    decoded
}

/// Where the tag at the front ends: the `>` outside quotation marks. If another `<` or the end comes first, there is no tag
/// and the error says how much of it is text. A quotation that runs into a `<` was never closed. Each byte is looked at a
/// few times at most, whatever the text.
fn tag_end(tag: &str) -> Result<usize, usize> {
    let bytes = tag.as_bytes();
    let mut at = 1;
    while let Some(n) = bytes[at..].iter().position(|b| matches!(b, b'"' | b'\'' | b'<' | b'>')) {
        at += n;
        match bytes[at] {
            b'>' => return Ok(at),
            b'<' => return Err(at),
            quote => {
                let value = at + 1;
                let opens = bytes[..at].last() == Some(&b'=');
                at = match memchr::memchr2(quote, b'<', &bytes[value..]) {
                    Some(n) if opens && bytes[value + n] == quote => value + n + 1,
                    _ => value,
                };
            }
        }
    }
    Err(tag.len())
}

/// What follows the end tag of an element whose content is no text; `None` if it is never closed.
fn skip_element<'a>(rest: &'a str, name: &str) -> Option<&'a str> {
    let mut at = 0;
    while let Some(n) = rest[at..].find("</") {
        let tail = &rest[at + n + 2..];
        if tail.get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name)) {
            return tail.find('>').map(|end| &tail[end + 1..]);
        }
        at += n + 2;
    }
    None
}

/// The value of an attribute in quotation marks or bare.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.to_ascii_lowercase().find(&format!("{name}="))? + name.len() + 1;
    let value = tag.get(at..)?;
    let value = match value.as_bytes().first()? {
        quote @ (b'"' | b'\'') => value[1..].split(char::from(*quote)).next()?,
        _ => value.split([' ', '\t', '\n', '>']).next()?,
    };
    Some(decode_entities(value.trim()))
}

#[cfg(test)]
mod tests;
