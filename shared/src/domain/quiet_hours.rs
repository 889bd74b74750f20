//! Quiet hours: when people of a store do not want to hear that a thread is nearing its deadline.

use std::fmt;

use jiff::civil::Time;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};

/// A span of every day, in the time of one zone; it may run over midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    to: Time,
    zone: String,
}

impl QuietHours {
    /// Reads `22:00-07:00 Europe/Berlin`: two different times of day, and a zone of the IANA database.
    pub fn parse(text: &str) -> Option<Self> {
        Self::stored(text).filter(|hours| hours.from != hours.to && hours.time_zone().is_some())
    }

    /// Reads what was parsed before, without a look at the zone: only who asks for the end needs the database.
    pub fn stored(text: &str) -> Option<Self> {
        let (span, zone) = text.trim().split_once(' ')?;
        let (from, to) = span.split_once('-')?;
        Some(Self {
            from: from.trim().parse().ok()?,
            to: to.trim().parse().ok()?,
            zone: zone.trim().to_owned(),
        })
    }

    fn time_zone(&self) -> Option<TimeZone> {
        TimeZoneDatabase::bundled().get(&self.zone).ok()
    }

    /// When the quiet that holds at `now` ends; `None` where it is not quiet.
    pub fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let here = now.to_zoned_datetime(self.time_zone()?);
        let time = here.time();
        let quiet = if self.from < self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        };
        if !quiet {
            return None;
        }
        let day = if time < self.to {
            here.date()
        } else {
            here.date().checked_add(1.day()).ok()?
        };
        let end = day
            .to_datetime(self.to)
            .to_zoned_datetime(here.time_zone().clone())
            .ok()?;
        Some(end.timestamp())
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{} {}",
            self.from.strftime("%H:%M"),
            self.to.strftime("%H:%M"),
            self.zone
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(hours: &str, now: &str) -> Option<String> {
        let end = QuietHours::parse(hours).unwrap().end(now.parse().unwrap());
        end.map(|at| at.to_string())
    }

    #[test]
    fn a_night_ends_in_the_morning_of_its_own_zone() {
        let night = "22:00-07:00 Europe/Berlin";
        assert_eq!(
            end(night, "2026-01-10T22:30:00Z").as_deref(),
            Some("2026-01-11T06:00:00Z")
        );
        assert_eq!(
            end(night, "2026-07-10T03:00:00Z").as_deref(),
            Some("2026-07-10T05:00:00Z")
        );
        assert_eq!(end(night, "2026-01-10T12:00:00Z"), None);
        assert_eq!(end(night, "2026-01-10T06:00:00Z"), None, "the end is no longer quiet");
    }

    #[test]
    fn a_span_within_a_day_is_only_that_span() {
        let lunch = "12:00-13:00 Asia/Tokyo";
        assert_eq!(
            end(lunch, "2026-01-10T03:30:00Z").as_deref(),
            Some("2026-01-10T04:00:00Z")
        );
        assert_eq!(end(lunch, "2026-01-10T04:30:00Z"), None);
    }

    #[test]
    fn what_is_no_span_of_a_known_zone_is_refused() {
        for wrong in [
            "",
            "22:00-07:00",
            "22:00-22:00 UTC",
            "25:00-07:00 UTC",
            "22:00-07:00 Mars/Base",
        ] {
            assert_eq!(QuietHours::parse(wrong), None, "{wrong}");
        }
        let text = "22:00-07:00 Europe/Berlin";
        assert_eq!(QuietHours::parse(text).unwrap().to_string(), text);
    }
}
