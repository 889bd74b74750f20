//! Which characters are letters and digits. The standard library looks up in tables what lies beyond ASCII; the scripts that
//! drafts are mostly written in need none, and reading Arabic and Japanese spends a third of its time there.

/// The same as `char::is_alphanumeric`.
#[inline]
pub(in crate::domain::screening) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || (!c.is_ascii() && (common(c) || (!mark(c) && c.is_alphanumeric())))
}

/// The same as `char::is_alphabetic`.
#[inline]
pub(in crate::domain::screening) fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && (common(c) || (!mark(c) && c.is_alphabetic())))
}

/// Letters of the commonest scripts: Latin with accents, Cyrillic, Arabic, kana, Chinese, Korean.
#[inline]
fn common(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{400}'..='\u{481}' | '\u{620}'..='\u{64a}'
        | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// The commonest marks that are neither letters nor digits: quotation marks, dashes, full stops of East Asia and Arabic.
#[inline]
fn mark(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{a9}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{60c}' | '\u{61b}' | '\u{61f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_the_standard_library() {
        for c in '\0'..=char::MAX {
            assert_eq!(
                (is_word(c), is_letter(c)),
                (c.is_alphanumeric(), c.is_alphabetic()),
                "{c:?}"
            );
        }
    }
}
