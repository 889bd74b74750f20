//! The response-time table in the form that sellers know from Account Health.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use within24::wire::metrics::Counts;

use super::MetricsLine;

/// Amazon's target: within 24 hours, in percent. Source: Seller Central, "Response time" (help 200549770).
pub const TARGET: f64 = 90.0;

/// The table, at most `width` columns wide. A row is a store, then each of its marketplaces in which something happened.
pub fn table(lines: &[MetricsLine], width: u16) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table.set_header([
        "store",
        "last",
        "within 24 h",
        "target",
        "late",
        "unanswered",
        "average",
        "none needed",
        "automatic",
    ]);
    let same = |a: &MetricsLine, b: &MetricsLine| a.store == b.store && a.marketplace == b.marketplace;
    for windows in lines.chunk_by(same).filter(|windows| worth_a_row(windows)) {
        let cells: Vec<[String; 8]> = windows.iter().map(cells).collect();
        let first = &windows[0];
        let store = first
            .marketplace
            .map_or_else(|| first.store.clone(), |code| format!("{} {code}", first.store));
        let columns = (0..8).map(|column| {
            cells
                .iter()
                .map(|cells| cells[column].as_str())
                .collect::<Vec<_>>()
                .join("\n")
        });
        table.add_row(std::iter::once(store).chain(columns));
    }
    table.to_string()
}

fn worth_a_row(windows: &[MetricsLine]) -> bool {
    let something = |of: &Counts| of.within_24h + of.late + of.no_response_needed + of.automatic_responses > 0;
    windows
        .iter()
        .any(|line| line.marketplace.is_none() || something(&line.counts))
}

fn cells(line: &MetricsLine) -> [String; 8] {
    let counts = &line.counts;
    let counted = |count: u64, percent: Option<f64>| match percent {
        Some(percent) => format!("{count} ({percent:.0} %)"),
        None => "-".to_owned(),
    };
    let target = match counts.percent_within_24h {
        Some(percent) if percent >= TARGET => "met",
        Some(_) => "missed",
        None => "-",
    };
    [
        format!("{} days", line.window_days),
        counted(counts.within_24h, counts.percent_within_24h),
        target.to_owned(),
        counted(counts.late, counts.percent_late),
        counts.no_response_over_24h.to_string(),
        counts.average_response_seconds.map_or_else(|| "-".to_owned(), hours),
        counts.no_response_needed.to_string(),
        counts.automatic_responses.to_string(),
    ]
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of at most a few years")]
fn hours(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as i64;
    format!("{} h {:02} m", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use within24::domain::metrics::Window;

    /// Amazon's own example of 2017, as its page showed it.
    #[test]
    fn amazons_own_table_of_2017_reads_as_it_did() {
        let window = |within, unanswered, answered_late, seconds: u64| Window {
            within,
            unanswered,
            answered_late,
            answer_seconds: seconds * (within + answered_late),
            ..Window::default()
        };
        let lines = [
            MetricsLine::of("us", None, 7, &window(34, 6, 0, (10 * 60 + 33) * 60)),
            MetricsLine::of("us", None, 30, &window(78, 6, 2, (12 * 60 + 19) * 60)),
            MetricsLine::of("us", None, 90, &window(165, 6, 2, (11 * 60 + 57) * 60)),
        ];
        let table = table(&lines, 120);
        let rows: Vec<Vec<&str>> = table
            .lines()
            .filter(|line| line.contains("days"))
            .map(|line| {
                line.split("  ")
                    .map(str::trim)
                    .filter(|cell| !cell.is_empty())
                    .collect()
            })
            .collect();
        assert_eq!(
            rows,
            [
                vec![
                    "us",
                    "7 days",
                    "34 (85 %)",
                    "missed",
                    "6 (15 %)",
                    "6",
                    "10 h 33 m",
                    "0",
                    "0"
                ],
                vec!["30 days", "78 (91 %)", "met", "8 (9 %)", "6", "12 h 19 m", "0", "0"],
                vec!["90 days", "165 (95 %)", "met", "8 (5 %)", "6", "11 h 57 m", "0", "0"],
            ]
        );
    }

    #[test]
    fn a_marketplace_in_which_nothing_happened_has_no_row() {
        let window = Window::default();
        let lines = [None, within24::domain::marketplace::Marketplace::parse("JP")]
            .map(|marketplace| MetricsLine::of("us", marketplace, 7, &window));
        assert_eq!(table(&lines, 120).matches("us").count(), 1);
    }

    #[test]
    fn nothing_to_divide_by_is_a_dash() {
        let line = MetricsLine::of("us", None, 7, &Window::default());
        assert_eq!(cells(&line)[1..6], ["-", "-", "-", "0", "-"].map(str::to_owned));
    }
}
