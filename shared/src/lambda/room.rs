//! How much fits into one answer of a function.

use serde::Serialize;

/// The most that an answer may weigh. [Lambda gives back 6 MB](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html),
/// with the answer as a string of JSON; the rest is for what stands around it.
pub const MOST_ANSWERED: usize = 5_500_000;

/// What is left of an answer's room, in bytes as Lambda gives them back.
#[derive(Debug)]
pub struct Room(usize);

impl Room {
    /// Room for this many bytes.
    pub fn of(bytes: usize) -> Self {
        Self(bytes)
    }

    /// Whether this fits in, as JSON within a string of JSON. What does not takes nothing.
    pub fn takes(&mut self, value: &impl Serialize) -> bool {
        let Ok(json) = serde_json::to_vec(value) else {
            return false;
        };
        // Quotes and backslashes are escaped once more; line ends and the like are already.
        let escaped = json.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        // And a comma.
        let left = self.0.checked_sub(json.len() + escaped + 1);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }

    /// The last of these that fit in, in their order, and how many before them are left out.
    pub fn last<T: Serialize>(&mut self, mut all: Vec<T>) -> (Vec<T>, usize) {
        let fitting = all.iter().rev().take_while(|one| self.takes(one)).count();
        let left_out = all.len() - fitting;
        (all.split_off(left_out), left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_no_larger_as_lambda_gives_it_back() {
        for text in ["plain", "\"quoted\" \\ and\nbroken\u{1}", "水瀬"] {
            let all = vec![text; 50];
            let (fitting, left_out) = Room::of(300).last(all);
            let inner = serde_json::to_string(&fitting).unwrap();
            let given_back = serde_json::to_string(&inner).unwrap().len();
            // The list's own brackets and the string's quotes stand around it.
            assert!(given_back <= 300 + 4, "{given_back}");
            assert!(given_back > 300 - 45, "{given_back}");
            assert_eq!(fitting.len() + left_out, 50);
        }
    }

    #[test]
    fn the_last_stay_and_nothing_stands_before_what_was_left_out() {
        let all = vec!["a".repeat(10), "b".repeat(1000), "c".repeat(10)];
        assert_eq!(Room::of(100).last(all), (vec!["c".repeat(10)], 2));
        assert_eq!(Room::of(0).last(vec![1]), (vec![], 1));
    }
}
