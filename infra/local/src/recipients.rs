//! For whom a mail is, where nobody says its envelope.

use within24::domain::store::Store;

/// The recipients of these stores that the mail's own header names; where there is one store only, it is for that.
pub fn named<'a>(raw: &[u8], stores: impl IntoIterator<Item = &'a Store>) -> Vec<String> {
    let stores: Vec<&Store> = stores.into_iter().collect();
    if let [only] = stores[..] {
        return vec![only.recipient.clone()];
    }
    let head = String::from_utf8_lossy(head(raw)).to_lowercase();
    let named = stores.iter().filter(|store| head.contains(&store.recipient));
    named.map(|store| store.recipient.clone()).collect()
}

/// The mail's header: all before the first empty line.
fn head(raw: &[u8]) -> &[u8] {
    let end = |blank: &[u8]| raw.windows(blank.len()).position(|window| window == blank);
    let ends = [end(b"\r\n\r\n"), end(b"\n\n")];
    ends.into_iter().flatten().min().map_or(raw, |end| &raw[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use within24::domain::store::StoreId;

    #[test]
    fn a_mail_is_for_the_stores_that_its_header_names_or_for_the_only_one() {
        let store = |id: &str| {
            let address = format!("{id}@inbox.example");
            Store::new(StoreId::parse(id).unwrap(), &address, &address)
        };
        let (de, fr) = (store("de"), store("fr"));
        for line_end in ["\r\n", "\n"] {
            let raw = ["To: FR@inbox.example", "Subject: x", "", "Not for de@inbox.example"].join(line_end);
            assert_eq!(named(raw.as_bytes(), [&de, &fr]), ["fr@inbox.example"]);
            assert_eq!(named(raw.as_bytes(), [&de]), ["de@inbox.example"]);
            assert!(named(raw.as_bytes(), []).is_empty());
        }
    }
}
