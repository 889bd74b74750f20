use super::*;

const FOOT: &str = "Was this email helpful? https://sellercentral.amazon.com/gp/satisfaction/survey-form.html?x\n\
                    Copyright 2026 Amazon, Inc.\nSPC-USAmazon-1234567890123456\n";

fn words(text: &str) -> &str {
    split(text).words.trim()
}

#[test]
fn the_words_stand_between_the_markers() {
    let text = format!("Hi\n----- Message: -----\n\nmine\n\n----- End message -----\n{FOOT}");
    let framed = split(&text);
    assert_eq!((framed.head, framed.words.trim(), framed.cut), ("Hi\n", "mine", false));
    assert!(framed.footer.contains("SPC-"));
}

#[test]
fn markers_in_a_language_nobody_knows_are_found_by_their_shape() {
    let text =
        format!("------------- Skilaboð: -------------\nmine\n------------- Lok skilaboða -------------\n{FOOT}");
    assert_eq!(words(&text), "mine");
}

#[test]
fn an_end_marker_that_the_buyer_pasted_is_his_text() {
    let text = format!("----- Message: -----\na\n----- End message -----\nb\n------- Loppu -------\n{FOOT}");
    assert_eq!(words(&text), "a\n----- End message -----\nb");
}

#[test]
fn lines_of_dashes_are_no_markers() {
    let text = format!("----- Message: -----\n----------\n2 pins\n----------\n----- End message -----\n{FOOT}");
    assert_eq!(words(&text), "----------\n2 pins\n----------");
}

#[test]
fn everything_on_one_line_is_taken_apart() {
    let text = format!(
        "Hi # 1: ----- Messaggio: ----- il mio ----- Fine messaggio ----- {}",
        FOOT.replace('\n', " ")
    );
    assert_eq!(words(&text), "il mio");
}

#[test]
fn without_an_end_marker_the_footer_ends_the_words() {
    let text = format!("----- Message: -----\nmine\nand more\n\n{FOOT}");
    assert_eq!((words(&text), split(&text).cut), ("mine\nand more", true));
}

#[test]
fn without_any_marker_all_of_it_is_the_words() {
    assert_eq!(
        words("Just text.\n----- foto 1 -----\nmore"),
        "Just text.\n----- foto 1 -----\nmore"
    );
}

#[test]
fn a_frame_inside_quoted_history_is_not_the_frame() {
    let text = "Yes please.\n\nOn Tue, Mar 3, 2026 at 9:14 AM Shop <a@b.example> wrote:\n\n----- Message: -----\nold\n\
                ----- End message -----\n";
    assert!(words(text).starts_with("Yes please."));
}

#[test]
fn each_stores_words_are_known() {
    for (start, end) in [
        ("メッセージはここから", "メッセージはここまで"),
        ("メッセージ:", "メッセージはここまで"),
        ("Anfang der Nachricht", "Ende der Nachricht"),
        ("Début du message", "Fin du message"),
        ("Message:", "Fin du message"),
        ("Inizio messaggio", "Fine messaggio"),
        ("Iniciar mensaje", "Finalizar mensaje"),
    ] {
        let text = format!("----- {start} -----\nmine\n----- {end} -----\n");
        assert_eq!(words(&text), "mine");
        let text = format!("{start}\n----- {start} ----- mine ----- {end} ----- x SPC-JPAmazon-1234567890123456");
        assert_eq!(words(&text), "mine");
    }
}

#[test]
fn the_footer_of_any_region_ends_the_words() {
    for region in ["EU", "US", "FE", "JP", "IN", "AU", "SG", "xx"] {
        assert_eq!(words(&format!("mine\n\nSPC-{region}Amazon-3456789012345678\n")), "mine");
    }
    for text in ["mine SPC-12Amazon-3456", "SPC-EUAmazo", "SPC-"] {
        assert_eq!(words(text), text);
    }
}

#[test]
fn a_start_alone_is_the_buyers_own_line() {
    for line in [
        "----- Message: -----",
        "----- Nachricht: -----",
        "----- メッセージはここから -----",
        "----- Begin message -----",
    ] {
        let text = format!("The display shows\n{line}\nand nothing else");
        assert_eq!(words(&text), text);
        let head = format!("You have received a message.\n\n{line}\nmine");
        assert_eq!(words(&head), "mine");
    }
    for line in ["----- Message -----", "----- Nachricht -----", "----- メッセージ -----"] {
        let text = format!("The display shows\n{line}\nand nothing else\n\n");
        assert_eq!(words(&text), text.trim());
        assert_eq!(words(&format!("{text}{FOOT}")), text.trim());
    }
}

#[test]
fn a_bilingual_marker_is_known_by_either_half() {
    let text = "-------------- Begin message / Début du message --------------\nmine\n\
                -------------- End message / Fin du message --------------\n";
    assert_eq!(words(text), "mine");
}
