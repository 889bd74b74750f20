//! Decimal digits of every script: buyers write order ids, and mail programs dates, in the digits of their language.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The value of a decimal digit of any script or width; `None` for everything else.
///
/// Unicode lays the ten digits of a script out in a row that begins with its zero (the Unicode Standard, chapter 4.6;
/// General_Category=Nd), so the value is the distance to it.
pub(super) fn decimal(c: char) -> Option<u32> {
    if c < '\u{0660}' {
        return c.to_digit(10);
    }
    // The widths and styles of mathematics come as five rows without a gap.
    if ('\u{1d7ce}'..='\u{1d7ff}').contains(&c) {
        return Some((u32::from(c) - 0x1d7ce) % 10);
    }
    // No script between these has digits, and most letters are here.
    if ('\u{aa5a}'..'\u{abf0}').contains(&c)
        || ('\u{ac00}'..'\u{ff10}').contains(&c)
        || ('\u{2e80}'..'\u{a620}').contains(&c)
    {
        return None;
    }
    let is_digit =
        |point: u32| char::from_u32(point).is_some_and(|c| c.general_category() == GeneralCategory::DecimalNumber);
    let point = u32::from(c);
    is_digit(point)
        .then(|| (1..10).take_while(|n| is_digit(point - n)).count())
        .and_then(|n| u32::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_have_their_value() {
        for row in [
            "0123456789",
            "٠١٢٣٤٥٦٧٨٩",
            "۰۱۲۳۴۵۶۷۸۹",
            "०१२३४५६७८९",
            "๐๑๒๓๔๕๖๗๘๙",
            "০১২৩৪৫৬৭৮৯",
            "၀၁၂၃၄၅၆၇၈၉",
            "០១២៣៤៥៦៧៨៩",
            "０１２３４５６７８９",
            "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
            "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡",
            "𞥐𞥑𞥒𞥓𞥔𞥕𞥖𞥗𞥘𞥙",
        ] {
            let values: Vec<_> = row.chars().filter_map(decimal).collect();
            assert_eq!(values, (0..10).collect::<Vec<_>>(), "{row}");
        }
    }

    #[test]
    fn numbers_that_are_no_decimal_digits_have_none() {
        assert!("½①Ⅳ三二零万²x".chars().all(|c| decimal(c).is_none()));
    }
}
