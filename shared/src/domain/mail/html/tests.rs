use super::*;

fn text(html: &str) -> String {
    to_text(html).text.trim().to_owned()
}

#[test]
fn lines_break_where_a_reader_sees_them() {
    assert_eq!(text("<p>Hello</p><p>a<br>b</p><div>c</div>d"), "Hello\n\na\nb\n\nc\nd");
    assert_eq!(text("one\n  two <b>three</b>,<i>four</i>"), "one two three,four");
}

#[test]
fn styles_scripts_and_comments_are_no_text() {
    assert_eq!(
        text("<head><style>td{color:#333}</style></head><!-- x --><script>if (a<b) {}</script>ok"),
        "ok"
    );
}

#[test]
fn what_is_never_closed_is_shown() {
    assert_eq!(text("a<script>b <!-- c <a href=\"d"), "ab c <a href=\"d");
    assert_eq!(text("<img src=\"data:image/png;base64,AAAA\" alt='>'>x"), "x");
}

#[test]
fn entities_are_decoded_once() {
    assert_eq!(
        text("&lt;PDF&gt; &amp; &#8220;x&#x201d; &eacute; &nosuch; &amp;lt; A&B"),
        "<PDF> & “x” é &nosuch; &lt; A&B"
    );
}

#[test]
fn the_anchor_holds_the_words_as_typed() {
    let html = "<div>head</div><pre style=\"white-space: -o-pre-wrap\">a  b\n\nc &amp; d</pre><div>foot</div>";
    let converted = to_text(html);
    assert_eq!(&converted.text[converted.anchor.unwrap()], "a  b\n\nc & d");
    assert_eq!(to_text(&html.repeat(2)).anchor, None);
}

#[test]
fn cited_blocks_are_marked_and_others_are_not() {
    assert_eq!(
        text("<blockquote>a</blockquote><blockquote type=\"cite\">b<br>c</blockquote>"),
        "a\n> b\n> c"
    );
}

#[test]
fn what_is_no_tag_stays() {
    assert_eq!(text("1 < 2 and 3 <4"), "1 < 2 and 3 <4");
}

#[test]
fn links_of_the_footer_are_kept() {
    let html = "<a href=\"https://sellercentral.amazon.it/messaging/no-response-needed?t=1&amp;m=2\">Risolvi</a> x";
    assert_eq!(
        text(html),
        "Risolvi https://sellercentral.amazon.it/messaging/no-response-needed?t=1&m=2 x"
    );
}
