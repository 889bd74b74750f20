use super::*;

fn read(raw: &str) -> (Body, Vec<&'static str>) {
    let mut defects = Defects::default();
    let (headers, rest) = Headers::split(raw.as_bytes(), &mut defects);
    let body = Body::read(&headers, rest, &mut defects);
    (
        body,
        defects
            .into_vec()
            .into_iter()
            .map(crate::domain::mail::Defect::code)
            .collect(),
    )
}

const ALTERNATIVE: &str =
    "--b\nContent-Type: text/plain\n\nplain\n--b\nContent-Type: text/html\n\n<p>html</p>\n--b--\n";

#[test]
fn both_alternatives_are_read() {
    let (body, defects) = read(&format!(
        "Content-Type: multipart/alternative; boundary=b\n\n{ALTERNATIVE}"
    ));
    assert_eq!(
        (body.plain.as_deref(), body.html.as_deref()),
        (Some("plain"), Some("<p>html</p>"))
    );
    assert!(defects.is_empty(), "{defects:?}");
}

#[test]
fn a_boundary_that_is_not_named_is_found() {
    for header in ["multipart/alternative", "multipart/alternative; boundary=other"] {
        let (body, defects) = read(&format!("Content-Type: {header}\n\n{ALTERNATIVE}"));
        assert_eq!(body.plain.as_deref(), Some("plain"));
        assert_eq!(defects, ["no-boundary"]);
    }
}

#[test]
fn a_boundary_is_not_taken_for_a_longer_one() {
    let raw = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\nstill one\n--b--\n";
    assert_eq!(read(raw).0.plain.as_deref(), Some("one\n--bb\nstill one"));
}

#[test]
fn files_are_counted_without_decoding_and_their_names_cleaned() {
    let raw = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png; name=\"x\"\n\
               Content-Disposition: attachment; filename=\"../../a b.png\"\nContent-Transfer-Encoding: base64\n\n\
               aGVsbG8=\n--b--\n";
    let file = &read(raw).0.attachments[0];
    assert_eq!(file.name.as_ref().map(Personal::expose), Some("a b.png"));
    assert_eq!((file.media_type.as_str(), file.bytes), ("image/png", 5));
}

#[test]
fn ten_thousand_nested_parts_are_bounded() {
    let mut raw = String::new();
    for n in 0..10_000 {
        let level = format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
        raw.push_str(&level);
    }
    let (_, defects) = read(&raw);
    assert!(defects.contains(&"too-deep"), "{defects:?}");
}

#[test]
fn a_bomb_of_parts_is_bounded() {
    let raw = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\n\nx\n".repeat(100_000)
    );
    let (_, defects) = read(&raw);
    assert!(defects.contains(&"too-many-parts"), "{defects:?}");
}

#[test]
fn broken_quoted_printable_keeps_what_it_cannot_read() {
    let raw = "Content-Transfer-Encoding: quoted-printable\n\na=ZZ b=C3=A9 soft=\nbreak =";
    let (body, defects) = read(raw);
    assert_eq!(body.plain.as_deref(), Some("a=ZZ bé softbreak "));
    assert_eq!(defects, ["bad-quoted-printable"]);
}

#[test]
fn base64_that_was_cut_keeps_what_was_there() {
    let (body, defects) = read("Content-Transfer-Encoding: base64\n\naGVsbG8gd29ybGQ");
    assert_eq!(body.plain.as_deref(), Some("hello world"));
    assert_eq!(defects, ["bad-base64"]);
}

#[test]
fn text_that_claims_to_be_base64_is_kept() {
    let (body, _) = read("Content-Transfer-Encoding: base64\n\nHello, where is my parcel? It isn't here.");
    assert_eq!(body.plain.as_deref(), Some("Hello, where is my parcel? It isn't here."));
}
