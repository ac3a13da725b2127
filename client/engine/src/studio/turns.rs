//! Whose frame is decoded next. Each stream has a queue, a pace and a share of the decoder's time of its own, so that nobody's
//! flood delays anybody else's picture by more than one decode. Pure: time is an argument.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use super::Waits;

/// What waits of one stream, at most; what comes beyond it is dropped, and its stream needs a keyframe.
const FRAMES: usize = 60;
const BYTES: usize = 4 << 20;
/// A stream gets its pictures decoded no faster than this; the time between two of them, and how far one may get ahead.
const PER_SECOND: u32 = 60;
const AHEAD: Duration = Duration::from_millis(250);
/// Processor time that one stream's pictures may take in a second, in thousandths, and how much of it can be saved up.
const SHARE: u32 = 400;
const SAVED: Duration = Duration::from_millis(800);
/// A sender whose stream needs more than its share is asked for less so many times in `ASKED`: once for each lower layer, ...
const ASKS: usize = 3;
const ASKED: Duration = Duration::from_secs(30);
/// ... and a stream that still needs more rests for so long.
const REST: Duration = Duration::from_secs(10);
/// Even a picture of a few bytes costs as much.
const LEAST: Duration = Duration::from_micros(100);

/// What became of a frame that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    Waits,
    /// Dropped: a keyframe is needed.
    Full,
    /// Dropped: the stream used up its share and rests, so a keyframe does not help yet.
    Rests,
}

/// What a frame's cost means for its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charged {
    WithinShare,
    /// It took more than its share: its sender is to be asked for smaller pictures. Until they come it goes on.
    AskForLess,
    /// It took more than its share though less was asked for, or less cannot be asked for.
    Rests,
}

/// The queues of all streams. `T` is a frame.
pub(crate) struct Turns<K, T> {
    lines: BTreeMap<K, Line<T>>,
    /// How much the stream that was served last had used, so that a new one begins there and not with all that it missed.
    level: Duration,
}

struct Line<T> {
    /// Whether its stream is watched now. What it used, and how long it rests, outlasts a stream that ends and begins again.
    open: bool,
    waiting: VecDeque<(Instant, usize, T)>,
    bytes: usize,
    /// Decoding time that counts for whose turn it is.
    used: Duration,
    /// When the next picture would be due if they came evenly.
    due: Option<Instant>,
    left: Duration,
    filled: Option<Instant>,
    rests_until: Option<Instant>,
    /// When its sender was asked for less.
    asked: VecDeque<Instant>,
    waits: Waits,
    /// Decoding time since waits were asked for last.
    lately: Duration,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self {
            open: false,
            waiting: VecDeque::new(),
            bytes: 0,
            used: Duration::ZERO,
            due: None,
            left: SAVED,
            filled: None,
            rests_until: None,
            asked: VecDeque::new(),
            waits: Waits::default(),
            lately: Duration::ZERO,
        }
    }
}

impl<K: Ord + Copy, T> Turns<K, T> {
    pub fn new() -> Self {
        Self { lines: BTreeMap::new(), level: Duration::ZERO }
    }

    /// A stream begins; frames of others are refused.
    pub fn add(&mut self, stream: K) {
        self.lines.entry(stream).or_default().open = true;
    }

    pub fn remove(&mut self, stream: K) {
        if let Some(line) = self.lines.get_mut(&stream) {
            line.clear();
            line.open = false;
        }
    }

    /// What waits of a stream is dropped.
    pub fn clear(&mut self, stream: K) {
        if let Some(line) = self.lines.get_mut(&stream) {
            line.clear();
        }
    }

    /// What came last of those that wait.
    pub fn last(&self, stream: K) -> Option<&T> {
        self.lines.get(&stream)?.waiting.back().map(|(_, _, frame)| frame)
    }

    /// A frame of `bytes` came.
    pub fn push(&mut self, now: Instant, stream: K, bytes: usize, frame: T) -> Pushed {
        let level = self.level;
        let Some(line) = self.lines.get_mut(&stream) else {
            return Pushed::Rests;
        };
        if !line.open || line.rests(now) {
            return Pushed::Rests;
        }
        if line.waiting.len() >= FRAMES || line.bytes.saturating_add(bytes) > BYTES {
            return Pushed::Full;
        }
        if line.waiting.is_empty() {
            line.used = line.used.max(level);
        }
        line.bytes += bytes;
        line.waiting.push_back((now, bytes, frame));
        Pushed::Waits
    }

    /// The next frame: of the stream that has used least among those whose turn may come now.
    pub fn next(&mut self, now: Instant) -> Option<(K, T)> {
        let ready = self.lines.iter_mut().filter(|(_, line)| line.ready_at(now).is_some_and(|at| at <= now));
        let (stream, line) = ready.min_by_key(|(_, line)| line.used)?;
        let (came, bytes, frame) = line.waiting.pop_front()?;
        self.level = line.used;
        line.bytes -= bytes;
        // A wait that its own pace brought about says nothing of this machine.
        let due = line.due.unwrap_or(now);
        line.waits.add(now.saturating_duration_since(came.max(due.checked_sub(AHEAD).unwrap_or(came))));
        line.due = Some(due.max(now) + Duration::from_secs(1) / PER_SECOND);
        Some((*stream, frame))
    }

    /// When [`Self::next`] has something, if no frame comes before; `None` while nothing waits.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        self.lines.values().filter_map(|line| line.ready_at(now)).min()
    }

    /// A frame of this stream took so much processor time. `layered`: its sender can be asked for less.
    pub fn charge(&mut self, now: Instant, stream: K, took: Duration, layered: bool) -> Charged {
        let Some(line) = self.lines.get_mut(&stream) else {
            return Charged::WithinShare;
        };
        let took = took.max(LEAST);
        line.used += took;
        line.lately += took;
        let since = line.filled.replace(now).map_or(Duration::ZERO, |filled| now.saturating_duration_since(filled));
        line.left = (line.left + since * SHARE / 1000).min(SAVED);
        match line.left.checked_sub(took) {
            Some(left) => {
                line.left = left;
                Charged::WithinShare
            }
            None => {
                line.left = SAVED;
                if layered && line.may_ask(now) {
                    return Charged::AskForLess;
                }
                line.rests_until = Some(now + REST);
                line.clear();
                Charged::Rests
            }
        }
    }

    /// How frames waited since this was asked last. The sender whose streams took most of the time is left out where there are
    /// others: what one makes wait does not say that this machine has too much to do.
    pub fn waited<S: Ord>(&mut self, sender: impl Fn(&K) -> S) -> Waits {
        let mut senders: BTreeMap<S, (Duration, Waits)> = BTreeMap::new();
        for (stream, line) in &mut self.lines {
            let (took, waits) = senders.entry(sender(stream)).or_default();
            *took += std::mem::take(&mut line.lately);
            waits.merge(std::mem::take(&mut line.waits));
        }
        let mut senders: Vec<_> = senders.into_values().collect();
        if senders.iter().filter(|(took, _)| !took.is_zero()).count() > 1 {
            senders.sort_by_key(|(took, _)| *took);
            senders.pop();
        }
        let mut all = Waits::default();
        senders.into_iter().for_each(|(_, waits)| all.merge(waits));
        all
    }
}

impl<T> Line<T> {
    fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    /// Counts a request for less, if there may be one more.
    fn may_ask(&mut self, now: Instant) -> bool {
        while self.asked.front().is_some_and(|&at| now.saturating_duration_since(at) >= ASKED) {
            self.asked.pop_front();
        }
        let may = self.asked.len() < ASKS;
        if may {
            self.asked.push_back(now);
        }
        may
    }

    fn ready_at(&self, now: Instant) -> Option<Instant> {
        if self.waiting.is_empty() || self.rests(now) {
            return None;
        }
        Some(self.due.and_then(|due| due.checked_sub(AHEAD)).map_or(now, |earliest| earliest.max(now)))
    }

    fn clear(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Lets the decoder work until `until`, each frame taking what it says; how many of each stream were decoded.
    fn work(turns: &mut Turns<char, Duration>, now: &mut Instant, until: Instant) -> BTreeMap<char, u32> {
        let mut done = BTreeMap::new();
        while *now < until {
            match turns.next(*now) {
                Some((stream, takes)) => {
                    *now += takes;
                    turns.charge(*now, stream, takes, false);
                    *done.entry(stream).or_default() += 1;
                }
                None => *now = turns.due(*now).unwrap_or(until).min(until),
            }
        }
        done
    }

    #[test]
    fn flood_delays_others_by_one_picture() {
        let (mut turns, mut now) = (Turns::new(), Instant::now());
        for stream in ['a', 'z'] {
            turns.add(stream);
        }
        let (mut honest, mut flood) = (0, 0);
        for _ in 0..60 {
            // Twenty frames of a liar come with each of an honest sender; each takes as long as is left of a picture's time.
            for _ in 0..20 {
                turns.push(now, 'a', 100, 6 * MS);
            }
            assert_eq!(turns.push(now, 'z', 5_000, 2 * MS), Pushed::Waits);
            let until = now + 33 * MS;
            let done = work(&mut turns, &mut now, until);
            honest += done.get(&'z').copied().unwrap_or(0);
            flood += done.get(&'a').copied().unwrap_or(0);
        }
        assert!(honest >= 59, "{honest}");
        assert!(flood <= 140, "{flood}");
        let waits = turns.waited(|stream| *stream);
        assert_eq!(waits.share(), 0.0, "{waits:?}");
    }

    #[test]
    fn costly_streams_of_one_sender_do_not_make_the_machine_slow() {
        let share = |sender: fn(&&'static str) -> bool| {
            let (mut turns, mut now) = (Turns::new(), Instant::now());
            for stream in ["liar's camera", "liar's screen", "honest"] {
                turns.add(stream);
            }
            for _ in 0..30 {
                for (stream, took, waits) in [("liar's camera", 12, 200), ("liar's screen", 11, 200), ("honest", 2, 0)]
                {
                    turns.push(now, stream, 4_000, ());
                    now += waits * MS;
                    assert_eq!(turns.next(now), Some((stream, ())));
                    turns.charge(now, stream, took * MS, true);
                }
            }
            turns.waited(sender).share()
        };
        assert_eq!(share(|stream| stream.starts_with("liar")), 0.0);
        assert!(share(|stream| stream.ends_with("camera")) > 0.0, "what is measured is a wait");
    }

    #[test]
    fn stream_that_begins_again_rests_as_long_as_before() {
        let (mut turns, now) = (Turns::new(), Instant::now());
        turns.add('a');
        while turns.charge(now, 'a', 100 * MS, false) == Charged::WithinShare {}
        turns.remove('a');
        assert_eq!(turns.push(now, 'a', 100, MS), Pushed::Rests);
        turns.add('a');
        assert_eq!(turns.push(now, 'a', 100, MS), Pushed::Rests);
        assert_eq!(turns.push(now + REST, 'a', 100, MS), Pushed::Waits);
    }

    #[test]
    fn stream_is_decoded_sixty_times_a_second_at_most() {
        let (mut turns, mut now) = (Turns::new(), Instant::now());
        turns.add('a');
        let mut done = 0;
        for _ in 0..1_000 {
            turns.push(now, 'a', 10, Duration::ZERO);
            let until = now + 10 * MS;
            done += work(&mut turns, &mut now, until).values().sum::<u32>();
        }
        assert!((590..=620).contains(&done), "{done}");
    }

    #[test]
    fn stream_beyond_its_share_rests_and_comes_back() {
        let (mut turns, mut now) = (Turns::new(), Instant::now());
        turns.add('a');
        let mut rested = None;
        for picture in 0..200 {
            turns.push(now, 'a', 10, 20 * MS);
            if let Some((stream, took)) = turns.next(now) {
                now += took;
                if turns.charge(now, stream, took, false) == Charged::Rests {
                    rested = Some(picture);
                    break;
                }
            }
            now += 10 * MS;
        }
        // It takes 20 ms of every 30, gets back 12, and has saved up 800.
        assert!(rested.is_some_and(|picture| (95..=105).contains(&picture)), "{rested:?}");
        assert_eq!(turns.push(now, 'a', 10, MS), Pushed::Rests);
        assert_eq!((turns.next(now), turns.due(now)), (None, None));
        now += REST;
        assert_eq!(turns.push(now, 'a', 10, MS), Pushed::Waits);
        assert_eq!(turns.next(now), Some(('a', MS)));
    }

    #[test]
    fn ordinary_video_never_rests() {
        let (mut turns, mut now) = (Turns::new(), Instant::now());
        turns.add('a');
        for _ in 0..3_000 {
            assert_eq!(turns.push(now, 'a', 4_000, ()), Pushed::Waits);
            assert!(turns.next(now).is_some());
            assert_eq!(turns.charge(now, 'a', 12 * MS, true), Charged::WithinShare);
            now += Duration::from_secs(1) / 30;
        }
    }

    /// What is charged in so many seconds of 25 pictures a second, each taking what `takes` says.
    fn charged(turns: &mut Turns<char, ()>, now: &mut Instant, seconds: u32, takes: Duration) -> Vec<Charged> {
        let mut charged = Vec::new();
        for _ in 0..25 * seconds {
            turns.push(*now, 'a', 4_000, ());
            if turns.next(*now).is_some() {
                charged.push(turns.charge(*now, 'a', takes, true));
            }
            *now += 40 * MS;
        }
        charged.retain(|charged| *charged != Charged::WithinShare);
        charged
    }

    #[test]
    fn costly_sender_is_asked_for_less_before_it_rests() {
        let (mut turns, mut now) = (Turns::new(), Instant::now());
        turns.add('a');
        // A weak machine: the high layer takes three quarters of it, the next one a fifth.
        assert_eq!(charged(&mut turns, &mut now, 4, 30 * MS), [Charged::AskForLess]);
        assert_eq!(charged(&mut turns, &mut now, 120, 8 * MS), []);
        // A sender who does not care is asked for each lower layer, and then rests.
        let outcome = charged(&mut turns, &mut now, 15, 38 * MS);
        assert_eq!(outcome, [Charged::AskForLess, Charged::AskForLess, Charged::AskForLess, Charged::Rests]);
    }

    #[test]
    fn queue_is_bounded_in_bytes_and_frames() {
        let (mut turns, now) = (Turns::new(), Instant::now());
        for stream in ['a', 'b'] {
            turns.add(stream);
        }
        assert_eq!(turns.push(now, 'a', BYTES, ()), Pushed::Waits);
        assert_eq!(turns.push(now, 'a', 1, ()), Pushed::Full);
        for _ in 0..FRAMES {
            assert_eq!(turns.push(now, 'b', 1, ()), Pushed::Waits);
        }
        assert_eq!(turns.push(now, 'b', 1, ()), Pushed::Full);
        assert_eq!(turns.push(now, 'c', 1, ()), Pushed::Rests, "nobody knows this stream");
    }
}
