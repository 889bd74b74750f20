use super::super::Rule::{ExternalLink, MissingOrderId, Placeholder};
use super::super::{Draft, DraftKind, Report, Settings, Severity, Verdict, screen};
use super::{each, reply, rules};

fn template(text: &str) -> Report {
    screen(
        &Draft {
            text: text.into(),
            template: true,
            ..Draft::default()
        },
        &Settings::default(),
    )
}

#[test]
fn variables_of_macros_are_no_links_and_no_addresses() {
    for text in [
        "Hi {{ticket.requester.first_name}}, ticket {{ticket.id}} is solved.\n{{current_user.name}}",
        "Hallo {{contact.name}}, die Schraube ist unterwegs. {{agent.email}}",
        "Bonjour {%customer.firstName,fallback=client%}, voici la réponse de {%mailbox.name%}.",
        "Hola {{recipient.first_name | default: \"cliente\"}}, el paquete sale hoy. {{user.email}}",
        "Ciao {customer.name}, il pacco {order.id} parte oggi. {{shop.link}}",
        "Beste [[customer.name]], het pakket is onderweg. ${agent.name}",
        "Hej <%= buyer.name %>, paketet är på väg. %AGENT_NAME%",
        "Dzień dobry {{klient.imie}}, paczka jest w drodze. {{sprzedawca.info}}",
        "{{お客様名}}様、本日発送いたしました。{{ticket.assignee.name}}",
        "Dear @Model.Name, the part leaves today.",
        "{% if order.shipped %}It is on its way.{% else %}It leaves today.{% endif %}",
    ] {
        assert_eq!(rules(&template(text)), [], "{text}");
    }
}

#[test]
fn what_is_no_variable_is_judged_in_templates_too() {
    for text in [
        "{{ www.lamp-help.com }}",
        "{{ lamphelp.de }}",
        "{{ name | default: 'www.lamp-help.com' }}",
        "Hi {{contact.name}}, see lamp-help.com",
        "[[ https://lamp-help.com ]]",
    ] {
        assert_eq!(rules(&template(text)), [ExternalLink], "{text}");
    }
}

#[test]
fn a_draft_about_to_be_sent_must_hold_no_placeholder() {
    each(
        &[Placeholder],
        &[
            "Hi {{ticket.requester.name}}, the pole leaves today.",
            "Guten Tag {%customer.lastName%}, die Stange ist da.",
            "Bonjour [Nom], le colis part demain.",
            "Hola [[Nombre]], el paquete sale hoy.",
            "Dear [Customer Name], your part is on its way.",
            "Ihre Bestellung [BESTELLNUMMER] ist da.",
            "Il pacco arriva il %DATA_CONSEGNA%.",
            "De bestelling ${order.number} is onderweg.",
            "Hej {förnamn}, paketet är på väg.",
            "○○様、本日発送いたしました。",
        ],
    );
    assert_eq!(reply("Hi {{first_name}}, it is here.").verdict, Verdict::Block);
    for text in [
        "The code is XXX, please keep it.",
        "Hi {foo}, it is here.",
        "It is in [SOME PLACE HERE].",
    ] {
        let report = reply(text);
        assert_eq!(
            (report.verdict, rules(&report)),
            (Verdict::Warn, vec![Placeholder]),
            "{text}"
        );
    }
}

#[test]
fn brackets_of_sentences_are_no_placeholders() {
    each(
        &[],
        &[
            "The item [ASIN: B0FG3KQSB1] is in size XXX-Large.",
            "Press [ENTER], then [Menu] and wait.",
            "Die (alte) Lampe [siehe Foto] ist weg; 100%ig sicher, 20 % bis 30 %.",
            "Le câble [le noir] va à droite.",
            "5 < 6 > 4, {a} and %.",
            "商品【注文番号】250-4146905-1132453です。",
        ],
    );
}

#[test]
fn a_variable_stands_for_the_order_id_of_a_template() {
    let judge = |text: &str, template: bool| {
        let draft = Draft {
            text: text.into(),
            kind: DraftKind::Proactive,
            template,
            ..Draft::default()
        };
        rules(&screen(&draft, &Settings::default()))
    };
    assert_eq!(
        judge("Order {{ticket.order_number}}: which colour do you want?", true),
        []
    );
    assert_eq!(
        judge("Hi {{contact.name}}: which colour do you want?", true),
        [MissingOrderId]
    );
    assert_eq!(
        judge("Order {{ticket.order_number}}: which colour do you want?", false),
        [MissingOrderId, Placeholder]
    );
}

#[test]
fn an_unknown_name_in_brackets_is_for_a_person() {
    let report = reply("It is at {some_place}.");
    assert_eq!(report.findings[0].severity, Severity::Warn);
    assert_eq!(report.findings[0].excerpt.as_ref().unwrap().expose(), "{some_place}");
}
