//! What is wrong with the HTML.

use std::collections::BTreeSet;

use super::super::rule::Rule;
use super::css::{declarations, length};
use super::tags::{Tag, read};

/// A fault and the piece of HTML it is about.
pub(in crate::domain::screening) type Fault = (Rule, String);

/// Where links, areas of image maps, forms, frames and embedded things lead, and the base of all relative ones. Image
/// sources lead nowhere.
pub(in crate::domain::screening) fn targets(html: &str) -> Vec<String> {
    let (tags, _) = read(html);
    let mut found = Vec::new();
    for tag in &tags {
        let names: &[&str] = match tag.name.as_str() {
            "a" | "area" | "base" => &["href", "xlink:href"],
            "form" => &["action"],
            "button" | "input" => &["formaction"],
            "iframe" | "frame" | "embed" => &["src"],
            "object" => &["data"],
            _ => &[],
        };
        found.extend(names.iter().filter_map(|name| tag.get(name)).map(str::to_owned));
        let refresh = tag.name == "meta"
            && tag
                .get("http-equiv")
                .is_some_and(|name| name.eq_ignore_ascii_case("refresh"));
        let content = tag
            .get("content")
            .filter(|_| refresh)
            .and_then(|content| content.split_once('='));
        found.extend(content.map(|(_, target)| target.trim_matches(['\'', '"', ' ']).to_owned()));
        if tag.handles_events() {
            found.push(format!("javascript:{}", tag.source));
        }
    }
    let shown = found
        .iter()
        .map(|target| target.trim().chars().filter(|c| !c.is_control()).collect());
    shown.filter(|target: &String| !target.is_empty()).collect()
}

/// Styling, hidden images, images without encryption.
pub(in crate::domain::screening) fn faults(html: &str) -> Vec<Fault> {
    let (tags, sheets) = read(html);
    let mut found = Vec::new();
    let mut sizes = BTreeSet::new();
    for tag in &tags {
        let style = tag.get("style").map(declarations).unwrap_or_default();
        if styled(tag, &style, &mut sizes) {
            found.push((Rule::HtmlStyling, tag.source.clone()));
        }
        if tag.name == "img" || (tag.name == "input" && tag.get("type") == Some("image")) {
            if hidden(tag, &style) {
                found.push((Rule::TrackingPixel, tag.source.clone()));
            }
            let insecure = |source: &str| {
                source
                    .trim_start()
                    .get(..7)
                    .is_some_and(|head| head.eq_ignore_ascii_case("http://"))
            };
            let set = tag.get("srcset").is_some_and(|set| set.split(',').any(insecure));
            if tag.get("src").is_some_and(insecure) || set {
                found.push((Rule::InsecureImage, tag.source.clone()));
            }
        }
    }
    for sheet in &sheets {
        let style = declarations(sheet);
        if style.iter().any(|(key, value)| forbidden(key, value, &mut sizes)) {
            found.push((Rule::HtmlStyling, sheet.trim().to_owned()));
        }
    }
    if sizes.len() > 3 && !found.iter().any(|(rule, _)| *rule == Rule::HtmlStyling) {
        found.push((Rule::HtmlStyling, sizes.into_iter().collect::<Vec<_>>().join(", ")));
    }
    found
}

fn styled(tag: &Tag, style: &[(String, String)], sizes: &mut BTreeSet<String>) -> bool {
    let align = tag.get("align").map(|align| align.trim().to_ascii_lowercase());
    let aligned = align.is_some_and(|align| {
        matches!(align.as_str(), "center" | "right" | "middle") && !(tag.name == "img" && align == "middle")
    });
    let wide = tag.name == "img"
        && tag
            .get("width")
            .and_then(length)
            .is_some_and(|(width, unit)| unit == "%" && width > 80.0);
    let coloured = ["bgcolor", "text", "link", "color"]
        .iter()
        .any(|name| tag.get(name).is_some())
        && tag.name != "a";
    let mut bad = matches!(tag.name.as_str(), "center" | "font") || aligned || wide || coloured;
    for (key, value) in style {
        bad |= forbidden(key, value, sizes);
        let broad = tag.name == "img" && matches!(key.as_str(), "width" | "min-width");
        bad |= broad && length(value).is_some_and(|(width, unit)| matches!(unit, "%" | "vw") && width > 80.0);
    }
    bad
}

/// Is this declaration one that messages must not have? Font sizes are gathered and judged together.
fn forbidden(key: &str, value: &str, sizes: &mut BTreeSet<String>) -> bool {
    match key {
        "font-size" => {
            sizes.insert(value.to_owned());
            false
        }
        "text-align" => matches!(value, "center" | "right" | "justify" | "end"),
        "font" | "font-family" | "color" | "line-height" | "background" | "background-color" => {
            !matches!(value, "inherit" | "initial" | "")
        }
        "margin" | "padding" => sides(value).into_iter().any(wide_margin),
        "margin-left"
        | "margin-right"
        | "padding-left"
        | "padding-right"
        | "margin-inline"
        | "margin-inline-start"
        | "margin-inline-end" => wide_margin(value),
        _ => false,
    }
}

/// The left and right parts of a margin in short form.
fn sides(value: &str) -> Vec<&str> {
    let parts: Vec<&str> = value.split_whitespace().collect();
    match parts[..] {
        [all] => vec![all],
        [_, sides] | [_, sides, _] => vec![sides],
        [_, right, _, left] => vec![right, left],
        _ => vec![],
    }
}

fn wide_margin(value: &str) -> bool {
    length(value).is_some_and(|(width, unit)| matches!(unit, "%" | "vw") && width > 20.0)
}

/// One pixel or none in both directions, or not shown at all.
fn hidden(tag: &Tag, style: &[(String, String)]) -> bool {
    let styled = |name: &str| {
        style
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let size = |name: &str, most: &str| {
        styled(most)
            .or_else(|| styled(name))
            .or_else(|| tag.get(name))
            .and_then(length)
    };
    let tiny = |size: Option<(f64, &str)>| {
        size.is_some_and(|(size, unit)| {
            size <= 1.0
                && matches!(unit, "" | "px" | "%" | "pt" | "em" | "rem")
                && (unit != "%" || size == 0.0)
                && (!matches!(unit, "em" | "rem") || size == 0.0)
        })
    };
    let none = |size: Option<(f64, &str)>| size.is_some_and(|(size, _)| size == 0.0);
    let (width, height) = (size("width", "max-width"), size("height", "max-height"));
    let gone = styled("display") == Some("none")
        || matches!(styled("visibility"), Some("hidden" | "collapse"))
        || styled("opacity")
            .and_then(length)
            .is_some_and(|(opacity, unit)| opacity == 0.0 || (unit == "%" && opacity < 2.0) || opacity < 0.02)
        || tag.get("hidden").is_some();
    gone || (tiny(width) && tiny(height)) || none(width) || none(height)
}
