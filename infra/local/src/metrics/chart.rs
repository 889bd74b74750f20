//! A chart of the last days in a terminal: a column a day, its messages answered within 24 hours below, the late ones above.

use std::fmt::Write as _;

use super::DayLine;

/// Lines of the tallest column.
const HEIGHT: u64 = 6;

/// Columns of the scale at the left.
const SCALE: usize = 8;

const WITHIN: char = '█';
const LATE: char = '░';

/// The chart of these days, oldest first, at most `width` columns wide; nothing where nothing counts. Where the days do
/// not fit, a column is several of them.
pub fn chart(days: &[DayLine], width: u16) -> String {
    let room = usize::from(width).saturating_sub(SCALE).max(1);
    let together = days.len().div_ceil(room).max(1);
    let columns: Vec<(u64, u64)> = days
        .chunks(together)
        .map(|days| {
            days.iter()
                .fold((0, 0), |(within, late), day| (within + day.within_24h, late + day.late))
        })
        .collect();
    let tallest = columns.iter().map(|(within, late)| within + late).max().unwrap_or(0);
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return String::new();
    };
    if tallest == 0 {
        return String::new();
    }
    let each = if together == 1 {
        "a day".to_owned()
    } else {
        format!("every {together} days")
    };
    let mut chart = format!("Messages {each}: {WITHIN} answered within 24 h, {LATE} late\n");
    let height = tallest.min(HEIGHT);
    for line in (0..height).rev() {
        let top = (line + 1) * tallest / height;
        let cells: String = columns
            .iter()
            .map(|column| cell(*column, line, height, tallest))
            .collect();
        let _ = writeln!(chart, "{top:>5} ┤ {}", cells.trim_end());
    }
    let (first, last) = (first.day.to_string(), last.day.to_string());
    let gap = columns.len().saturating_sub(first.len() + last.len()).max(1);
    let _ = writeln!(chart, "    0 └─{}", "─".repeat(columns.len()));
    let _ = writeln!(chart, "{}{first}{}{last}", " ".repeat(SCALE), " ".repeat(gap));
    chart
}

/// What stands in a column at this line, counted from below. Late ones are never rounded away.
fn cell((within, late): (u64, u64), line: u64, height: u64, tallest: u64) -> char {
    let lines = |count: u64| (count * height).div_ceil(tallest);
    let all = lines(within + late);
    let late = if late == 0 {
        0
    } else {
        ((late * height + tallest / 2) / tallest).clamp(1, all)
    };
    if line >= all {
        ' '
    } else if line >= all - late {
        LATE
    } else {
        WITHIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(counts: &[(u64, u64)]) -> Vec<DayLine> {
        let first: jiff::civil::Date = "2026-03-01".parse().unwrap();
        let days = first.series(jiff::Span::new().days(1));
        let days = days.zip(counts);
        days.map(|(day, (within_24h, late))| DayLine {
            store: "de".to_owned(),
            day,
            within_24h: *within_24h,
            late: *late,
        })
        .collect()
    }

    #[test]
    fn a_day_is_a_column_and_late_ones_stand_on_top() {
        let chart = chart(&days(&[(2, 1), (0, 0), (1, 0), (0, 2)]), 80);
        let wanted = "Messages a day: █ answered within 24 h, ░ late\n    3 ┤ ░\n    2 ┤ █  ░\n    1 ┤ █ █░\n    0 └─────\n        2026-03-01 2026-03-04\n";
        assert_eq!(chart, wanted);
    }

    #[test]
    fn one_late_message_among_hundreds_is_seen() {
        let chart = chart(&days(&[(600, 1), (300, 0)]), 80);
        assert_eq!(
            chart.matches(LATE).count(),
            2,
            "one in the legend, one in the chart:\n{chart}"
        );
    }

    #[test]
    fn many_days_share_columns_and_nothing_is_no_chart() {
        let many = chart(&days(&[(1, 0); 90]), 53);
        assert!(many.starts_with("Messages every 2 days"), "{many}");
        assert!(many.lines().all(|line| line.chars().count() <= 53), "{many}");
        assert_eq!(chart(&days(&[(0, 0); 90]), 80), "");
        assert_eq!(chart(&[], 80), "");
    }
}
