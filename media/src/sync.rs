//! Lips and voice of one person together: whichever is ahead waits for the other. Pure: time is an argument.
//!
//! Both are stamped by one clock at the sender, so what the two clocks disagree by is the same in both ages, and only their
//! difference counts.

use std::time::{Duration, Instant};

/// Sound and picture may be so far apart: nobody sees it (ITU-R BT.1359 has 45 ms for sound that is ahead), and a picture
/// that could be shown now is worth more.
const SLACK_US: f32 = 35_000.0;
/// A picture waits no longer for its sound, whatever ages come from the network.
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// And a voice no longer for its picture: a talk suffers more from late answers than from late lips.
const LONGEST_HOLD: Duration = Duration::from_millis(150);
/// What was not heard or seen for so long says nothing any more.
const FORGOTTEN: Duration = Duration::from_secs(2);
/// Ages are smoothed over about so many.
const OVER: f32 = 16.0;

/// A smoothed age in microseconds.
#[derive(Clone, Copy, Debug)]
struct Age {
    at: Instant,
    us: f32,
}

impl Age {
    fn update(age: &mut Option<Self>, now: Instant, us: i32) {
        let before = age.filter(|age| age.is_known(now)).map_or(us as f32, |age| age.us);
        *age = Some(Self { at: now, us: before + (us as f32 - before) / OVER });
    }

    fn is_known(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.at) < FORGOTTEN
    }
}

/// Sound and picture of one person.
#[derive(Debug, Default)]
pub struct LipSync {
    /// As it would be if it did not wait for pictures.
    voice: Option<Age>,
    picture: Option<Age>,
}

impl LipSync {
    /// A block of the voice is played `age_us` microseconds after its capture, `held` of them because it was to wait for
    /// pictures. Returns for how long it is to wait from now on.
    pub fn voice(&mut self, now: Instant, age_us: i32, held: Duration) -> Duration {
        let held = i32::try_from(held.as_micros()).unwrap_or(i32::MAX);
        Age::update(&mut self.voice, now, age_us.saturating_sub(held));
        let ages = self.voice.zip(self.picture.filter(|age| age.is_known(now)));
        let behind = ages.map_or(0.0, |(voice, picture)| picture.us - voice.us - SLACK_US);
        Duration::from_micros(behind.max(0.0) as u64).min(LONGEST_HOLD)
    }

    /// A picture could be shown now, `age_us` microseconds after its capture. Returns when it is to be shown.
    pub fn picture(&mut self, now: Instant, age_us: i32) -> Instant {
        Age::update(&mut self.picture, now, age_us);
        let voice = self.voice.filter(|age| age.is_known(now));
        let ahead = voice.map_or(0.0, |voice| voice.us - age_us as f32 - SLACK_US);
        now + Duration::from_micros(ahead.max(0.0) as u64).min(LONGEST_WAIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i32 = 1000;

    /// For so many seconds a voice of this age by itself, and pictures of that one; returns both ages as they are shown in
    /// the end, in milliseconds. The clocks of the two machines disagree by `offset` microseconds.
    fn run(sync: &mut LipSync, now: &mut Instant, ages: (i32, i32), offset: i32, seconds: u32) -> (i32, i32) {
        let (mut voice, mut picture, mut hold) = (0, 0, Duration::ZERO);
        for step in 0..seconds * 100 {
            *now += Duration::from_millis(10);
            voice = ages.0 + hold.as_micros() as i32;
            hold = sync.voice(*now, voice + offset, hold);
            if step % 4 == 0 {
                picture = ages.1 + (sync.picture(*now, ages.1 + offset) - *now).as_micros() as i32;
            }
        }
        (voice / MS, picture / MS)
    }

    #[test]
    fn what_is_ahead_waits_until_both_are_within_forty_milliseconds() {
        for offset in [0, -3_600_000 * 500, 900_000 * MS] {
            for (voice, picture) in [(45, 10), (45, 45), (180, 20), (40, 130), (300, 15), (60, 200)] {
                let (mut sync, mut now) = (LipSync::default(), Instant::now());
                let (heard, seen) = run(&mut sync, &mut now, (voice * MS, picture * MS), offset, 5);
                assert!((heard - seen).abs() <= 40, "{voice} and {picture} become {heard} and {seen}");
                assert!(heard == voice || seen == picture, "only one of them waits: {heard} and {seen}");
            }
        }
    }

    #[test]
    fn nothing_waits_for_what_is_not_there() {
        let (mut sync, now) = (LipSync::default(), Instant::now());
        assert_eq!(sync.picture(now, 10 * MS), now);
        let mut sync = LipSync::default();
        assert_eq!(sync.voice(now, 10 * MS, Duration::ZERO), Duration::ZERO);
        // A voice that was last heard long ago.
        sync.voice(now, 400 * MS, Duration::ZERO);
        let later = now + FORGOTTEN;
        assert_eq!(sync.picture(later, 10 * MS), later);
    }

    #[test]
    fn lie_holds_up_pictures_for_half_a_second_at_most() {
        let (mut sync, mut now) = (LipSync::default(), Instant::now());
        sync.voice(now, i32::MAX, Duration::ZERO);
        assert_eq!(sync.picture(now, i32::MIN), now + LONGEST_WAIT);
        let (heard, _) = run(&mut sync, &mut now, (0, 2_000_000 * MS), 0, 20);
        assert_eq!(heard, LONGEST_HOLD.as_millis() as i32);
    }

    #[test]
    fn when_the_network_is_well_again_nothing_waits() {
        let (mut sync, mut now) = (LipSync::default(), Instant::now());
        run(&mut sync, &mut now, (40 * MS, 160 * MS), 0, 5);
        let (heard, seen) = run(&mut sync, &mut now, (40 * MS, 15 * MS), 0, 10);
        assert_eq!((heard, seen), (40, 15));
    }
}
