//! What a mail costs, as DynamoDB reports it.

use within24::domain::store::{Store, StoreId};
use within24_tests::mails::BuyerMail;
use within24_tests::worlds;

const PASS: [(&str, &str); 5] = [
    ("spam", "PASS"),
    ("virus", "PASS"),
    ("spf", "PASS"),
    ("dkim", "PASS"),
    ("dmarc", "PASS"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_buyers_message_in_a_known_thread_costs_at_most_8_write_and_3_read_units() {
    let (mut machine, _folder) = worlds::machine("2026-03-02T09:00:00Z").await;
    let store = Store::new(
        StoreId::parse("de").unwrap(),
        "shop@inbox.example",
        "shop@inbox.example",
    );
    machine.table().put_store(&store).await.unwrap();
    let verdicts = PASS.map(|(check, verdict)| (check, verdict.to_owned()));
    let recipients = ["shop@inbox.example".to_owned()];
    // A kilobyte of a buyer's words, hardly any of them twice.
    let words = "Guten Tag, die Laterne kam gestern an, doch das Glas hat einen Sprung und der Docht fehlt im Karton. \
        Auf der Schachtel steht Modell 14, bestellt war Modell 12 mit Messinggriff. Mein Nachbar hat dieselbe und meint, \
        sie sei kleiner. Können Sie mir die richtige schicken, oder soll ich erst Fotos machen? Am Freitag fahren wir in \
        den Urlaub, darum wäre es schön, wenn das Paket vorher käme; sonst bitte an die Adresse meiner Schwester, die Sie \
        schon haben. Der Bote hat übrigens nicht geklingelt, sondern alles neben die Mülltonne gestellt, im Regen, und der \
        Deckel war offen. Das Kabel passt auch nicht zur Dose im Flur, obwohl es in der Beschreibung so steht. Ich habe bei \
        Ihnen schon dreimal gekauft und war immer zufrieden, deshalb hoffe ich auf eine gute Lösung. Falls die Farbe Kupfer \
        aus ist, nehme ich notfalls Zink, aber bitte kein Schwarz. Vielen Dank im Voraus für Ihre Mühe und einen schönen Tag \
        noch wünscht Ihnen Vera Muster aus Kiel, die gern wieder bestellt.";
    assert!((900..=1024).contains(&words.len()), "{}", words.len());
    let mails = [("1", "A1"), ("2", "A2"), ("3", "A3")].map(|(id, token)| {
        BuyerMail {
            id,
            token,
            text: words,
            case: Some("01234567-89ab-4cde-8f01-23456789abcd"),
            ..BuyerMail::default()
        }
        .raw()
    });
    let mut before = (0.0, 0.0);
    for (number, raw) in mails.iter().enumerate() {
        assert!(
            machine
                .mail_arrives(&format!("mail-{number}"), raw, &recipients, &verdicts)
                .await
                .unwrap()
        );
        let usage = machine.usage()["receive-mail"];
        let (read, write) = (usage.read - before.0, usage.write - before.1);
        before = (usage.read, usage.write);
        if number > 0 {
            assert!(
                write <= 8.0 && read <= 3.0,
                "mail {number}: {write} write units, {read} read units"
            );
        }
    }
}
