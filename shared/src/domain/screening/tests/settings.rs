use super::super::Rule::{ContactEmail, Emoji, ExternalLink, Marketing};
use super::super::{Draft, Override, OwnPhrase, PhraseError, Report, Settings, Severity, Verdict, screen};
use super::rules;

fn judge(text: &str, settings: &Settings) -> Report {
    screen(
        &Draft {
            text: text.into(),
            ..Draft::default()
        },
        settings,
    )
}

#[test]
fn a_store_may_switch_a_rule_off_or_change_its_severity() {
    let off = Settings::default().with_rule(Emoji, Override::Off);
    assert_eq!(judge("Sorted 🎉", &off).verdict, Verdict::Allow);
    let hard = Settings::default().with_rule(Emoji, Override::Severity(Severity::Block));
    assert_eq!(judge("Sorted 🎉", &hard).verdict, Verdict::Block);
}

#[test]
fn nothing_silences_a_protected_rule_without_accepting_the_risk() {
    let text = "Write to help@lamp-care.com";
    let silent = Settings::default().with_rule(ContactEmail, Override::Off);
    let report = judge(text, &silent);
    assert_eq!(report.verdict, Verdict::Block);
    assert_eq!(
        (report.ignored_settings, report.accepted_risks),
        (vec![ContactEmail], vec![])
    );

    let report = judge(text, &silent.accept_the_risk());
    assert_eq!(report.verdict, Verdict::Allow);
    assert_eq!(
        (report.ignored_settings, report.accepted_risks),
        (vec![], vec![ContactEmail])
    );
}

#[test]
fn allowed_hosts_pass_and_their_look_alikes_do_not() {
    let settings = Settings::default().with_allowed_host("manuals.example.com");
    assert_eq!(rules(&judge("See https://manuals.example.com/a", &settings)), []);
    assert_eq!(rules(&judge("See https://de.manuals.example.com/a", &settings)), []);
    assert_eq!(
        rules(&judge("See https://manuals.example.com.evil.net/a", &settings)),
        [ExternalLink]
    );
}

#[test]
fn own_phrases_are_found_with_endings_and_gaps() {
    let phrase = OwnPhrase::parse("Super-Bonbon* ..2 gratis").unwrap();
    let settings = Settings::default().with_phrase(Marketing, phrase);
    assert_eq!(
        rules(&judge("Jetzt SUPER BONBONS fast ganz gratis", &settings)),
        [Marketing]
    );
    assert_eq!(
        rules(&judge("Super Bonbons sind heute wirklich nicht gratis", &settings)),
        []
    );
    assert_eq!(OwnPhrase::parse(" * "), Err(PhraseError::Empty));
    assert_eq!(OwnPhrase::parse("a ..99 b"), Err(PhraseError::Gap("..99".into())));
}
