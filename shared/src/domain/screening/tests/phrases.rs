use super::super::Rule::{
    CancelSteering, ClaimWithdrawal, CrossSell, EmotionalLanguage, Marketing, OffPlatform, OptOutLink,
    PrivateDataRequest, ReviewIncentive, ReviewManipulation, ReviewRequestTone, SensitiveContent, StockNotice,
};
use super::super::{DraftKind, Verdict};
use super::{each, of_kind, reply, rules};

#[test]
fn asking_to_change_or_hold_back_a_review_is_manipulation() {
    each(
        &[ReviewManipulation],
        &[
            "Please change your review to 5 stars.",
            "Könnten Sie Ihre Bewertung zurückziehen?",
            "Merci de modifier votre note.",
            "レビューを修正していただけませんか。",
            "Would you m o d i f y your r e v i e w?",
            "Please contact us before you leave a negative review.",
            "Yorumunuzu değiştirir misiniz?",
            "Prosimy o zmianę opinii.",
        ],
    );
}

#[test]
fn bare_words_never_fire() {
    each(
        &[],
        &[
            "We updated the label, we review the claim, thank you for your comments. You can change your order.",
            "À notre avis, le joint est mal posé.",
            "The earphones announce Telegram messages. The signal is weak, stand in line with the router.",
            "We cannot give vouchers for reviews. We do not need your card details.",
            "Your coupon had expired. The sale week delays parcels.",
            "Rated for 230 V; a 5-star hotel lamp; star-shaped. Let us know whether it works.",
            "Are you satisfied with the exchange? Then we close the case.",
            "The refund is paid by Amazon.",
            "We will cancel your order. As you wished, it is cancelled. The alarm can be cancelled with the left key.",
        ],
    );
}

#[test]
fn a_benefit_for_a_review_is_an_incentive() {
    each(
        &[ReviewIncentive],
        &[
            "$5 back for your review.",
            "Gutschein für Ihre Bewertung!",
            "Un buono per la sua recensione.",
            "レビューでギフト券",
        ],
    );
    each(
        &[ReviewIncentive, ReviewRequestTone],
        &["A gift card for a 5-star review."],
    );
    each(
        &[ReviewIncentive, ReviewManipulation],
        &["We refund you in full if you delete your review."],
    );
}

#[test]
fn a_request_for_a_review_is_neutral_or_biased() {
    let neutral = reply("Please leave a review on Amazon.");
    assert_eq!(
        (neutral.verdict, rules(&neutral)),
        (Verdict::Warn, vec![ReviewRequestTone])
    );
    let biased = reply("Please leave a positive review on Amazon.");
    assert_eq!(
        (biased.verdict, rules(&biased)),
        (Verdict::Block, vec![ReviewRequestTone])
    );
    let request = of_kind(
        DraftKind::ReviewRequest,
        "Please rate the lamp of order 250-4146905-1132453.",
    );
    assert_eq!(rules(&request), []);
}

#[test]
fn begging_counts_in_review_requests_only() {
    let text = "Order 250-4146905-1132453: please rate it. It means the world to our small family business.";
    assert_eq!(rules(&of_kind(DraftKind::ReviewRequest, text)), [EmotionalLanguage]);
    assert_eq!(rules(&reply("It means the world to our small family business.")), []);
}

#[test]
fn the_other_acts_are_found_in_their_languages() {
    each(
        &[OffPlatform],
        &[
            "Find us on Instagram.",
            "Bestellen Sie direkt bei uns, ohne Amazon.",
            "Pague por PayPal y se lo enviamos.",
            "ご連絡はLINEでお願いします。",
            "Message us on t3legram",
        ],
    );
    each(
        &[PrivateDataRequest],
        &[
            "Send us your bank details.",
            "Indiquez-nous votre RIB.",
            "Le chiediamo le coordinate bancarie.",
            "Prosimy o numer karty.",
        ],
    );
    each(
        &[Marketing],
        &[
            "10% off your next order with code SAVE10.",
            "Abonnieren Sie unseren Newsletter.",
            "Profitez de nos soldes.",
            "Bir sonraki alışverişinizde %10 indirim.",
            "Here is a c0upon for you.",
        ],
    );
    each(
        &[CrossSell],
        &[
            "Our customers also buy the stand.",
            "Pensez aussi à nos coussins.",
            "Le recomendamos además nuestra funda.",
        ],
    );
    each(
        &[CancelSteering],
        &[
            "Could you cancel it on your side?",
            "Stornieren Sie den Kauf bitte in Ihrem Konto.",
            "キャンセル申請をお願いいたします。",
        ],
    );
    each(
        &[OptOutLink],
        &[
            "Unsubscribe here.",
            "Reply STOP to get no more messages.",
            "Hier können Sie unsere Nachrichten abbestellen.",
        ],
    );
    each(&[SensitiveContent], &["You bloody idiot.", "Sie Vollidiot."]);
    each(
        &[],
        &["A shot glass, adult diapers and a killer whale toy are in the box."],
    );
}

#[test]
fn a_tax_number_for_an_invoice_is_only_a_warning() {
    let plain = reply("Please send us your codice fiscale.");
    let needed = reply("Please send us your codice fiscale for the invoice.");
    let card = reply("Please send us your codice fiscale and your card number for the invoice.");
    assert_eq!(
        [plain.verdict, needed.verdict, card.verdict],
        [Verdict::Block, Verdict::Warn, Verdict::Block]
    );
}

#[test]
fn telling_that_seller_feedback_may_be_removed_is_only_a_warning() {
    let told = "You may update or remove seller feedback within 60 days.";
    let asked = "Could you please remove your seller feedback?";
    let paid = "You can remove the seller feedback and get a full refund as a gift.";
    assert_eq!(reply(told).verdict, Verdict::Warn);
    assert_eq!(of_kind(DraftKind::Proactive, told).verdict, Verdict::Block);
    assert_eq!([asked, paid].map(|text| reply(text).verdict), [Verdict::Block; 2]);
}

#[test]
fn a_claim_withdrawn_is_no_order_cancelled() {
    each(
        &[ClaimWithdrawal],
        &[
            "Please cancel the return request, then we send a new lamp.",
            "Könnten Sie den A-bis-Z-Antrag zurückziehen?",
            "返品リクエストをキャンセルしてください。",
        ],
    );
    each(
        &[],
        &["Amazon has closed the A-to-z claim.", "We close the case on our side."],
    );
}

#[test]
fn alternatives_for_what_is_sold_out_are_for_answers_only() {
    let text = "Order 305-1234567-7654321. The lamp is sold out; would you like a similar model?";
    assert_eq!(rules(&of_kind(DraftKind::Proactive, text)), [StockNotice]);
    assert_eq!(rules(&reply(text)), []);
}

#[test]
fn words_of_another_script_are_no_latin_ones_in_disguise_there() {
    each(
        &[OffPlatform],
        &[
            "Ищите нас в WhatsApp.",
            "На нашем сайте дешевле.",
            "Write to us on Whаtsаpp.",
        ],
    );
}

#[test]
fn a_reward_for_a_review_is_found_in_the_newest_languages() {
    each(
        &[ReviewIncentive],
        &[
            "Napište recenzi a dostanete poukaz.",
            "Напишите отзыв и получите скидку.",
            "Напишіть відгук і отримайте знижку.",
            "Írjon véleményt, és kap egy kupont.",
            "Hãy viết đánh giá và nhận quà tặng.",
        ],
    );
}
