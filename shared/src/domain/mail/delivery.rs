//! What a delivery report says (RFC 3464): groups of fields, one about the report itself, then one for each recipient.

use super::Delivery;

/// Codes (RFC 3463) that tell of the mail and not of its receiver: too large, or of a content that is not taken. Another
/// mail may arrive.
const OF_THE_MAIL: [&str; 3] = ["5.2.3", "5.3.4", "5.6."];

/// The fields of one recipient that tell what became of the mail.
#[derive(Default)]
struct Recipient<'a> {
    action: Option<&'a str>,
    status: Option<&'a str>,
}

/// What these parts of a report come to; one that nothing is said in is taken for a failure, since that is what mail
/// servers write about unasked.
pub(super) fn delivery(reports: &[String]) -> Delivery {
    let recipients = reports.iter().flat_map(|report| recipients(report));
    recipients
        .filter_map(|one| one.fate())
        .max()
        .unwrap_or(Delivery::Failed)
}

/// The groups of fields, parted by blank lines; some servers fold or indent.
fn recipients(report: &str) -> Vec<Recipient<'_>> {
    let mut all = vec![Recipient::default()];
    for line in report.lines().take(5000) {
        if line.trim().is_empty() {
            all.push(Recipient::default());
        }
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let one = all.last_mut().expect("there is always one");
        if name.trim().eq_ignore_ascii_case("action") {
            one.action = first_word(value);
        } else if name.trim().eq_ignore_ascii_case("status") {
            one.status = first_word(value);
        }
    }
    all
}

fn first_word(value: &str) -> Option<&str> {
    value.split([' ', '\t', '(', ';']).find(|word| !word.is_empty())
}

impl Recipient<'_> {
    /// `None` where the group tells of no recipient.
    fn fate(&self) -> Option<Delivery> {
        let class = self.status.and_then(|status| status.chars().next());
        let failed = match self.action {
            Some(action) => action.eq_ignore_ascii_case("failed"),
            None => class? != '2',
        };
        if !failed {
            return Some(Delivery::NotFailed);
        }
        let of_the_mail = |status: &str| OF_THE_MAIL.iter().any(|code| status.starts_with(code));
        let not_for_good = class == Some('4') || self.status.is_some_and(of_the_mail);
        Some(if not_for_good {
            Delivery::Failed
        } else {
            Delivery::FailedForGood
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_counts_by_action_and_status() {
        let cases = [
            ("Action: failed\nStatus: 5.1.1\n", Delivery::FailedForGood),
            ("action:FAILED\nstatus: 5.7.1 (not approved)\n", Delivery::FailedForGood),
            ("Action: failed\n", Delivery::FailedForGood),
            ("Status: 5.0.0\n", Delivery::FailedForGood),
            ("Action: failed (gave up)\nStatus: 4.4.7\n", Delivery::Failed),
            ("Action: failed\nStatus: 5.3.4\n", Delivery::Failed),
            ("Action: failed\nStatus: 5.6.1\n", Delivery::Failed),
            ("Status: 4.2.2\n", Delivery::Failed),
            ("Action: delayed\nStatus: 4.4.1\n", Delivery::NotFailed),
            ("Action: delayed\nStatus: 5.4.1\n", Delivery::NotFailed),
            ("Action: relayed\nStatus: 2.0.0\n", Delivery::NotFailed),
            ("Status: 2.1.5\n", Delivery::NotFailed),
            ("", Delivery::Failed),
            ("Reporting-MTA: dns; a.example\n", Delivery::Failed),
        ];
        for (fields, wanted) in cases {
            let report = format!("Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; x@y.example\n{fields}");
            assert_eq!(delivery(&[report]), wanted, "{fields}");
        }
        assert_eq!(delivery(&[]), Delivery::Failed);
    }

    #[test]
    fn of_several_recipients_the_worst_counts_and_fields_of_two_are_not_mixed() {
        let report = "Action: delayed\nStatus: 4.4.1\n\nAction: failed\nStatus: 5.1.1\n".to_owned();
        assert_eq!(delivery(&[report]), Delivery::FailedForGood);
        let report = "Action: failed\nStatus: 4.4.7\n\nAction: delivered\nStatus: 5.1.1\n".to_owned();
        assert_eq!(delivery(&[report]), Delivery::Failed);
    }
}
