//! `within24 erase`: one buyer is forgotten, and the proof is printed.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::Value;
use within24::domain::alias::Buyer;
use within24::wire::erasure::{ErasureProof, KeptOut, RemovedOut};

use super::conversation::one_line;
use super::system::{Call, Place, System};
use super::trouble::Usage;
use super::{print, print_json};
use crate::pretty::minute;

/// A buyer who is to be forgotten.
#[derive(Args, Debug)]
pub struct Erase {
    #[command(flatten)]
    place: Place,
    /// The buyer's relay address.
    buyer: String,
    /// It is meant: what is erased cannot be brought back.
    #[arg(long)]
    yes: bool,
}

pub(super) fn erase(erase: &Erase) -> Result<ExitCode> {
    let wrong = || Usage("this is no relay address of a buyer, like a1b2c3d4e5f6g7@marketplace.amazon.de".to_owned());
    let buyer = Buyer::parse(erase.buyer.trim()).ok_or_else(wrong)?;
    if !erase.yes {
        let words =
            "this erases for good all that is kept of one buyer: threads, messages, answers, raw mail; say --yes";
        return Err(Usage(words.to_owned()).into());
    }
    let system = System::reach(&erase.place.reach)?;
    let store = system.store(erase.place.store.as_deref())?;
    let call = Call::delete(format!("/v1/stores/{store}/buyers/{}", buyer.expose()));
    let (proof, whole): (ErasureProof, Value) = system.read(&call)?;
    if erase.place.reach.json {
        print_json(&whole)?;
    } else {
        print(&page(&proof))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The proof for people: what was removed, what was kept, when and by whom.
fn page(proof: &ErasureProof) -> String {
    let (store, at) = (one_line(&proof.store), minute(proof.erased_at));
    let by = one_line(&proof.erased_by.name);
    let RemovedOut {
        threads,
        messages,
        outgoing_mails,
        other_rows,
        files,
        file_versions,
    } = proof.removed;
    let KeptOut { metric_facts } = proof.kept;
    let removed = [
        (threads, "threads"),
        (messages, "messages, received and sent"),
        (
            outgoing_mails,
            "outgoing mails: answers and order-id requests, sent or not",
        ),
        (other_rows, "other rows of the table"),
        (files, "files: raw mails and attachments"),
        (file_versions, "versions of these files"),
    ];
    if removed.iter().all(|(count, _)| *count == 0) {
        return format!("Nothing is stored of this buyer in store {store}. Checked {at}, by {by}.\n");
    }
    let mut page = format!("Buyer erased from store {store} on {at}, by {by}.\n");
    let kept = [(metric_facts, "facts of the response metrics, without the buyer")];
    for (title, lines) in [("Removed", removed.as_slice()), ("Kept", kept.as_slice())] {
        let _ = writeln!(page, "\n{title}");
        for (count, what) in lines {
            let _ = writeln!(page, "{count:>8}  {what}");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use within24::wire::trace::ByOut;

    use super::*;

    fn proof(removed: RemovedOut, metric_facts: u64) -> ErasureProof {
        ErasureProof {
            store: "shop".to_owned(),
            erased_at: "2026-03-07T17:00:00Z".parse().unwrap(),
            erased_by: ByOut {
                token: None,
                name: "Mara\nLind".to_owned(),
            },
            removed,
            kept: KeptOut { metric_facts },
        }
    }

    #[test]
    fn the_proof_says_what_went_what_stays_when_and_by_whom() {
        let removed = RemovedOut {
            threads: 2,
            messages: 5,
            outgoing_mails: 1,
            other_rows: 14,
            files: 4,
            file_versions: 6,
        };
        let wanted = "\
Buyer erased from store shop on Sat 07 Mar 2026 17:00 UTC, by Mara Lind.

Removed
       2  threads
       5  messages, received and sent
       1  outgoing mails: answers and order-id requests, sent or not
      14  other rows of the table
       4  files: raw mails and attachments
       6  versions of these files

Kept
       2  facts of the response metrics, without the buyer
";
        assert_eq!(page(&proof(removed, 2)), wanted);
    }

    #[test]
    fn a_buyer_nobody_knows_is_said_so() {
        let removed = RemovedOut {
            threads: 0,
            messages: 0,
            outgoing_mails: 0,
            other_rows: 0,
            files: 0,
            file_versions: 0,
        };
        assert_eq!(
            page(&proof(removed, 0)),
            "Nothing is stored of this buyer in store shop. Checked Sat 07 Mar 2026 17:00 UTC, by Mara Lind.\n"
        );
    }
}
