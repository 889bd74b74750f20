use super::super::Rule::ExternalLink;
use super::{each, each_in};

#[test]
fn a_forgotten_space_before_a_word_makes_no_link() {
    each_in(
        &[],
        &[
            ("fr", "Merci pour la photo.je vérifie cela demain."),
            (
                "fr",
                "Le colis est à la fin de garantie.si vous voulez, nous le reprenons.",
            ),
            ("fr", "C'est le bon modèle.et la pièce part lundi."),
            ("es", "Hemos visto la caja.se envía hoy la pieza."),
            ("es", "Gracias por la foto.es la pieza correcta."),
            ("pt", "Vimos a caixa.se quiser, enviamos outra."),
            ("it", "Abbiamo visto la scatola.se vuole la cambiamo."),
            ("it", "La spina arriva domani.ci scusiamo."),
            ("de", "Die Lampe ist da.es fehlt nur die Schraube."),
            ("de", "Das steht im heft.im zweiten Teil."),
            ("sv", "Lampan är här.vi skickar den i dag."),
            ("nl", "Het pakket is weg.de bezorger komt morgen."),
            ("pl", "Paczka jest gotowa.na jutro mamy kuriera."),
            ("tr", "Paket yola çıktı.de ki yarın gelsin."),
            ("en", "The lamp is packed.it goes out today."),
            (
                "en",
                "Choose 12 vs.it is 10; cables etc.in the box; MP3.to play it, press.",
            ),
        ],
    );
}

#[test]
fn names_of_companies_files_and_software_are_no_links() {
    each(
        &[],
        &[
            "Hersteller: Tarnholz GmbH & Co.KG, Kiel.",
            "Üretici: Doğa San.ve Tic. Ltd. Şti., İstanbul.",
            "Lieferant: Shine Industrial Co.Ltd, Shenzhen.",
            "Die Datei heißt anleitung.de.pdf, die andere handbuch.en.pdf.",
            "Il file è manuale.it.pdf; el otro es manual.es.docx.",
            "It runs on ASP.NET and VB.NET.",
        ],
    );
}

#[test]
fn the_buyers_own_devices_are_no_links() {
    each(
        &[],
        &[
            "Open http://192.168.1.1 in your browser.",
            "Öffnen Sie fritz.box oder http://fritz.box/wlan.",
            "Ouvrez http://10.0.0.138:8080/admin",
            "Type camera.local and log in.",
        ],
    );
    each(
        &[ExternalLink],
        &["Open http://93.184.216.34/x", "Open http://192.168.1.1.example.com/"],
    );
}

#[test]
fn real_hosts_stay_links_beside_such_words() {
    each_in(
        &[ExternalLink],
        &[
            ("fr", "Voyez notre site lampeclaire.fr pour la notice."),
            ("fr", "La notice est sur lampe-claire.je"),
            ("es", "En luzrecambios.es tiene la guía."),
            ("nl", "Kijk op lampenwereld.de voor meer."),
            ("nl", "Bij www.lampenwereld.de staat alles."),
            ("sv", "Se lampvärlden.se för mer."),
            ("de", "Das steht auf lampenwelt.de im Heft."),
            ("en", "The guide is at brightlamp.it today."),
            ("pl", "Zobacz na lampy24.pl jutro."),
        ],
    );
}

#[test]
fn hosts_of_every_ending_and_script_are_links() {
    each(
        &[ExternalLink],
        &[
            "See northfell.app for the guide.",
            "Смотрите northfell.рф сегодня.",
            "See northfell.онлайн today.",
            "请看northfell.中国上的说明。",
            "説明はnorthfell.コムです。",
        ],
    );
}

#[test]
fn other_signs_in_place_of_the_dot_make_a_link_too() {
    each(
        &[ExternalLink],
        &[
            "The card is on northfell·com in the last row.",
            "Die Karte steht auf northfell•de ganz unten.",
            "La carte est sur northfell∙fr en bas.",
            "Look at northfell,com today.",
            "Look at northfell*com today.",
            "Type www northfell com and choose.",
            "Geben Sie www northfell de ein.",
            "It is northfell-dot-com as always.",
            "It is northfell_dot_com as always.",
            "Suchen Sie northfell-punkt-de.",
            "Go to northfell dotcom.",
            "노스펠닷컴에서 확인하세요.",
            "See northfell.c0m today.",
            "See bit dot ly slash 3abc.",
            "Add .de to our name and you find it.",
            "Hängen Sie .de an unseren Namen.",
        ],
    );
    each(
        &[],
        &[
            "• red\n• blue\n• com port",
            "Größen S/M/L, rot/blau, A*B, 3·4 cm, und/oder.",
            "The dotcom boom is over; it is a new dotcom.",
            "Col·lecció i il·lustració.",
            "The files end in .com or .de sometimes.",
            "The www is full of it.",
        ],
    );
}
