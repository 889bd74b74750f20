//! Scripts: many languages are known by their letters alone.

/// What the script of a text says about its language.
#[derive(Debug, PartialEq)]
pub(super) enum Script {
    /// No letters at all.
    None,
    /// Latin: the words decide.
    Latin,
    /// A script of one language, or one that its letters tell apart.
    Of(&'static str),
}

#[derive(Default)]
struct Counts {
    latin: usize,
    /// Of the Latin ones, those that only Vietnamese has.
    vietnamese: usize,
    han: usize,
    kana: usize,
    hangul: usize,
    arabic: usize,
    cyrillic: usize,
    greek: usize,
    hebrew: usize,
    devanagari: usize,
    thai: usize,
}

impl Counts {
    fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for c in text.chars() {
            if matches!(c, '\u{1ea0}'..='\u{1ebc}' | '\u{1ebe}'..='\u{1ef9}' | 'ơ' | 'Ơ' | 'ư' | 'Ư') {
                counts.vietnamese += 1;
            }
            let script = match c {
                'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => &mut counts.latin,
                '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => &mut counts.kana,
                '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => &mut counts.han,
                '\u{ac00}'..='\u{d7af}' | '\u{1100}'..='\u{11ff}' => &mut counts.hangul,
                '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => {
                    &mut counts.arabic
                }
                '\u{400}'..='\u{52f}' => &mut counts.cyrillic,
                '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => &mut counts.greek,
                '\u{590}'..='\u{5ff}' => &mut counts.hebrew,
                '\u{900}'..='\u{97f}' => &mut counts.devanagari,
                '\u{e00}'..='\u{e7f}' => &mut counts.thai,
                _ => continue,
            };
            *script += 1;
        }
        counts
    }
}

/// What the letters of a text say.
pub(super) fn by_script(text: &str) -> Script {
    let counts = Counts::of(text);
    // One Chinese character or syllable says as much as three letters.
    let east = 3 * (counts.han + counts.kana + counts.hangul);
    let scripts = [
        east,
        counts.arabic,
        counts.cyrillic,
        counts.greek,
        counts.hebrew,
        counts.devanagari,
        counts.thai,
    ];
    let most = scripts.into_iter().max().unwrap_or_default();
    if counts.latin == 0 && most == 0 {
        return Script::None;
    }
    if counts.latin > most {
        // Two letters that only Vietnamese has say more than any word.
        return if counts.vietnamese > 1 {
            Script::Of("vi")
        } else {
            Script::Latin
        };
    }
    Script::Of(match scripts.iter().position(|n| *n == most) {
        Some(0) if counts.hangul > counts.kana && counts.hangul * 2 > counts.han => "ko",
        // Names and terms of products are in katakana anywhere; a sentence without any kana is Chinese.
        Some(0) if counts.kana * 12 > counts.han || is_japanese_phrase(text) => "ja",
        Some(0) => "zh",
        Some(1) if text.contains(['پ', 'چ', 'ژ', 'گ', 'ک', 'ی']) && !text.contains(['ة', 'ي', 'ك', 'ى']) => {
            "fa"
        }
        Some(1) => "ar",
        Some(2) if text.contains(['і', 'ї', 'є', 'ґ', 'І', 'Ї', 'Є']) => "uk",
        Some(2) if is_bulgarian(text) => "bg",
        Some(2) => "ru",
        Some(3) => "el",
        Some(4) => "he",
        Some(5) => "hi",
        _ => "th",
    })
}

/// Letters of one and words of the other tell Bulgarian from Russian.
fn is_bulgarian(text: &str) -> bool {
    if text.contains(['ы', 'э', 'Э', 'ё']) {
        return false;
    }
    let lower = text.to_lowercase();
    let count = |words: &[&str]| {
        lower
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| words.contains(word))
            .count()
    };
    let bulgarian = count(&[
        "да",
        "се",
        "на",
        "за",
        "е",
        "са",
        "ми",
        "ви",
        "ще",
        "но",
        "от",
        "какво",
        "искам",
        "поръчка",
        "поръчката",
        "моля",
        "благодаря",
        "здравейте",
        "сега",
        "без",
        "който",
        "която",
        "това",
        "пратката",
        "стоката",
        "продукта",
        "имам",
        "няма",
        "много",
        "или",
        "със",
        "към",
    ]);
    let russian = count(&[
        "и",
        "в",
        "не",
        "что",
        "я",
        "мне",
        "вы",
        "вас",
        "ваш",
        "заказ",
        "пожалуйста",
        "здравствуйте",
        "где",
        "когда",
        "это",
        "как",
        "у",
        "меня",
        "мой",
        "спасибо",
        "можно",
        "хочу",
        "или",
        "до",
        "ещё",
        "уже",
        "за",
        "на",
        "но",
        "от",
    ]);
    bulgarian > russian || bulgarian == russian && text.contains(['ъ', 'щ'])
}

/// Phrases in Chinese characters alone that only Japanese uses.
fn is_japanese_phrase(text: &str) -> bool {
    [
        "交換希望",
        "返品希望",
        "返金希望",
        "領収書",
        "未着",
        "注文番号",
        "届",
        "発送",
        "宜敷",
        "御願",
        "様",
    ]
    .iter()
    .any(|word| text.contains(word))
}
