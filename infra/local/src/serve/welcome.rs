//! What the server says when it starts.

use super::admin::AdminToken;
use super::folder::DataFolder;

/// Where things are, and what to try first.
pub(super) fn text(url: &str, data: &DataFolder, token: &AdminToken, others_reach_it: bool) -> String {
    let folder = data.path().display();
    let mut page = format!(
        "within24 serves at {url} (Ctrl-C ends it). Everything is in {folder}:\n\n\
         \x20 drop/         put *.eml here, or in drop/<recipient>/: it is mail that arrives\n\
         \x20 sent/         what would have gone out through SES\n\
         \x20 alerts/       what the operator would have been mailed\n\
         \x20 events.jsonl  what the event bus would have been told\n\
         \x20 secrets.json  the helpdesks' webhook secrets: {{\"STORE\": {{\"zendesk\": \"…\"}}}}\n\
         \x20 dead-letters/ what could not be dealt with\n\n"
    );
    if others_reach_it {
        page.push_str(
            "Others can reach this address, and nothing is encrypted: put a proxy with TLS before it, or tokens and buyers'\n\
             words can be read on the way.\n\n",
        );
    }
    if token.new {
        page.push_str("A token that may do everything was made. It is shown only now, and kept in admin.token:\n\n  ");
        page.push_str(&token.revealed);
        page.push_str("\n\n");
    }
    let to = if data.path() == std::path::Path::new(super::USUAL) {
        String::new()
    } else {
        format!(" --data {folder}")
    };
    page.push_str("Try in another terminal:\n\n");
    for command in ["store list", "list", "metrics"] {
        page.push_str("  within24 ");
        page.push_str(command);
        page.push_str(&to);
        page.push('\n');
    }
    page.push('\n');
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_shown_once_and_who_listens_to_others_is_warned() {
        let said = |new: bool, others: bool, folder: &str| {
            let token = AdminToken {
                revealed: "w24_x".to_owned(),
                new,
            };
            let data = DataFolder::new(std::path::Path::new(folder));
            text("http://127.0.0.1:9824", &data, &token, others)
        };
        let first = said(true, false, "within24-data");
        assert!(first.contains("\n  w24_x\n") && !first.contains("TLS"), "{first}");
        assert!(first.ends_with("  within24 list\n  within24 metrics\n\n"), "{first}");
        let later = said(false, true, "/srv/trial");
        assert!(!later.contains("w24_x") && later.contains("TLS"), "{later}");
        assert!(later.contains("  within24 list --data /srv/trial\n"), "{later}");
    }
}
