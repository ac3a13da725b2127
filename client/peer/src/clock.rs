//! Times as people read them.

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// The first day of the year 10000, counted from 1970.
const LAST: i64 = 2_932_897;

/// `2026-07-01 12:34` in UTC for a Unix time in milliseconds; `-` before 1970 and after 9999, which only a wrong clock says.
pub fn utc(at_ms: i64) -> String {
    let (mut day, within) = (at_ms.div_euclid(DAY), at_ms.rem_euclid(DAY));
    if !(0..LAST).contains(&day) {
        return "-".to_owned();
    }
    let mut year = 1970;
    while day >= days_of_year(year) {
        day -= days_of_year(year);
        year += 1;
    }
    let february = days_of_year(year) - 337;
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    let minute = within / 60_000;
    format!("{year:04}-{month:02}-{:02} {:02}:{:02}", day + 1, minute / 60, minute % 60)
}

/// By the Gregorian calendar.
fn days_of_year(year: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if leap { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_day_and_a_minute() {
        assert_eq!(utc(0), "1970-01-01 00:00");
        assert_eq!(utc(951_782_399_999), "2000-02-28 23:59");
        assert_eq!(utc(951_782_400_000), "2000-02-29 00:00");
        assert_eq!(utc(1_735_689_599_000), "2024-12-31 23:59");
        assert_eq!(utc(4_107_542_400_000), "2100-03-01 00:00");
        assert_eq!(utc(253_402_300_799_999), "9999-12-31 23:59");
    }

    #[test]
    fn a_time_of_a_wrong_clock_is_not_shown() {
        for wrong in [-1, 253_402_300_800_000, i64::MIN, i64::MAX] {
            assert_eq!(utc(wrong), "-");
        }
    }
}
