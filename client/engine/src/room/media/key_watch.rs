//! How long a member who could be reached was without keys, and how often a stream of theirs stood still for it.
//!
//! Raw figures, for measurements: what is shown to people leaves a commit under way the time it takes. This counts from the
//! first moment.

use std::time::{Duration, Instant};

use ::media::Stream;

/// A stream whose frames cannot be opened for longer stands still for whoever looks or listens.
const STILL: Duration = Duration::from_millis(200);
/// A link that has not ended by then has somebody living at its other end: silence ends it sooner.
const ALIVE: Duration = Duration::from_secs(8);

/// How a member stands with us at a moment.
#[derive(Clone, Copy)]
pub(in crate::room) enum Standing {
    /// Nothing reaches them, or nothing is to.
    Away,
    /// A link to them is up, and they have not said Hello on it. `run`: the endpoint, which is of one run of theirs.
    Met { run: [u8; 32] },
    /// They have said Hello. `current`: both told the same epoch.
    Here { run: [u8; 32], current: bool },
}

/// What was measured so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeyFigures {
    /// The longest time without keys in one piece.
    pub longest: Duration,
    /// How often sound or picture stood still because frames came and could not be opened.
    pub frozen: u32,
    /// Frames that came and were never opened.
    pub dropped: u32,
}

#[derive(Default)]
pub(super) struct KeyWatch {
    run: Option<[u8; 32]>,
    /// Since when keys are missing.
    since: Option<Instant>,
    heard: Option<Instant>,
    audio: Flow,
    video: Flow,
    screen: Flow,
    figures: KeyFigures,
}

/// The frames of one stream.
#[derive(Default)]
struct Flow {
    /// Since when none of those that came could be opened.
    closed: Option<Instant>,
    /// This time has been counted.
    counted: bool,
}

impl KeyWatch {
    /// They were alive at that moment.
    pub fn heard(&mut self, at: Instant) {
        self.heard = self.heard.max(Some(at));
    }

    /// To be called after everything that may have changed how they stand.
    ///
    /// Of one who vanishes while keys are missing, only the time until they were last heard counts: the dead need no keys. One
    /// who never said Hello counts when they say it at last, or when the link outlives the dead.
    pub fn look(&mut self, now: Instant, standing: Standing) {
        if let Standing::Here { run, .. } | Standing::Met { run } = standing
            && self.run.replace(run).is_some_and(|former| former != run)
        {
            self.begin_anew();
        }
        match standing {
            Standing::Away => {
                self.run = None;
                self.begin_anew();
            }
            Standing::Here { current: true, .. } if !self.is_closed() => {
                if let Some(since) = self.since.take() {
                    self.count(now.saturating_duration_since(since));
                }
            }
            Standing::Met { .. } => {
                let since = *self.since.get_or_insert(now);
                let lasted = now.saturating_duration_since(since);
                if lasted > ALIVE {
                    self.count(lasted);
                }
            }
            Standing::Here { .. } => {
                let since = *self.since.get_or_insert(now);
                if let Some(heard) = self.heard {
                    self.count(heard.saturating_duration_since(since));
                }
            }
        }
    }

    /// Keys are missing now.
    pub fn is_without(&self) -> bool {
        self.since.is_some()
    }

    /// A frame of theirs came, and there is no key for it.
    pub fn unopened(&mut self, now: Instant, stream: Stream) {
        let flow = self.flow(stream);
        let since = *flow.closed.get_or_insert(now);
        if now.saturating_duration_since(since) > STILL && !std::mem::replace(&mut flow.counted, true) {
            self.figures.frozen += 1;
        }
    }

    /// A frame of theirs was opened.
    pub fn opened(&mut self, now: Instant, stream: Stream) {
        let flow = self.flow(stream);
        let stood_still = flow.closed.is_some_and(|since| now.saturating_duration_since(since) > STILL);
        let newly = stood_still && !flow.counted;
        *flow = Flow::default();
        self.figures.frozen += u32::from(newly);
    }

    /// A frame that waited for its key was given up.
    pub fn dropped(&mut self, stream: Stream) {
        self.figures.dropped = self.figures.dropped.saturating_add(1);
        let newly = !std::mem::replace(&mut self.flow(stream).counted, true);
        self.figures.frozen += u32::from(newly);
    }

    pub fn figures(&self) -> KeyFigures {
        self.figures
    }

    fn is_closed(&self) -> bool {
        [&self.audio, &self.video, &self.screen].iter().any(|flow| flow.closed.is_some())
    }

    fn count(&mut self, lasted: Duration) {
        self.figures.longest = self.figures.longest.max(lasted);
    }

    fn flow(&mut self, stream: Stream) -> &mut Flow {
        match stream {
            Stream::Audio => &mut self.audio,
            Stream::Video => &mut self.video,
            Stream::Screen => &mut self.screen,
        }
    }

    /// Whom we waited for is not there any more.
    fn begin_anew(&mut self) {
        self.since = None;
        (self.audio, self.video, self.screen) = (Flow::default(), Flow::default(), Flow::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MET: Standing = Standing::Met { run: [1; 32] };
    const OLD: Standing = Standing::Here { run: [1; 32], current: false };
    const CURRENT: Standing = Standing::Here { run: [1; 32], current: true };
    const NEXT_RUN: Standing = Standing::Here { run: [2; 32], current: false };

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn time_without_keys_counts_from_the_link_to_the_same_epoch() {
        let (mut watch, start) = (KeyWatch::default(), Instant::now());
        for (at, standing) in [(0, MET), (30, OLD), (90, CURRENT), (200, OLD), (240, CURRENT)] {
            watch.look(start + ms(at), standing);
        }
        assert_eq!(watch.figures().longest, ms(90));
        assert!(!watch.is_without());
    }

    #[test]
    fn one_who_lives_and_never_gets_keys_is_counted_while_it_lasts() {
        let (mut watch, start) = (KeyWatch::default(), Instant::now());
        for at in [0, 400, 800] {
            watch.heard(start + ms(at));
            watch.look(start + ms(at), OLD);
        }
        assert_eq!(watch.figures().longest, ms(800));
    }

    #[test]
    fn late_hello_counts_as_missing_keys_and_a_death_does_not() {
        let (mut watch, start) = (KeyWatch::default(), Instant::now());
        watch.look(start, NEXT_RUN);
        watch.look(start + ms(100), Standing::Away);
        for at in [200, 6200] {
            watch.look(start + ms(at), MET);
        }
        // It was another run of theirs that died, and this one is there at once.
        watch.look(start + ms(6300), NEXT_RUN);
        watch.look(start + ms(6350), Standing::Here { run: [2; 32], current: true });
        assert_eq!(watch.figures().longest, ms(50));
        watch.look(start + ms(6400), Standing::Away);
        watch.look(start + ms(7000), MET);
        watch.look(start + ms(7700), CURRENT);
        assert_eq!(watch.figures().longest, ms(700));
        watch.look(start + ms(8000), Standing::Away);
        for at in [9000, 20_000] {
            watch.look(start + ms(at), MET);
        }
        assert_eq!(watch.figures().longest, ms(11_000));
    }

    #[test]
    fn one_who_died_is_counted_until_they_were_heard_last() {
        for then in [Standing::Away, NEXT_RUN] {
            let (mut watch, start) = (KeyWatch::default(), Instant::now());
            watch.heard(start + ms(50));
            for at in [0, 50, 3000] {
                watch.look(start + ms(at), OLD);
            }
            watch.look(start + ms(6000), then);
            watch.look(start + ms(6010), CURRENT);
            assert_eq!(watch.figures().longest, ms(50));
        }
    }

    #[test]
    fn frames_that_do_not_open_count_as_missing_keys() {
        let (mut watch, start) = (KeyWatch::default(), Instant::now());
        watch.unopened(start, Stream::Audio);
        watch.look(start, CURRENT);
        watch.look(start + ms(60), CURRENT);
        watch.opened(start + ms(120), Stream::Audio);
        watch.look(start + ms(120), CURRENT);
        assert_eq!(watch.figures(), KeyFigures { longest: ms(120), frozen: 0, dropped: 0 });
    }

    #[test]
    fn a_stream_is_frozen_once_for_each_time_that_it_stands_still() {
        let (mut watch, start) = (KeyWatch::default(), Instant::now());
        for at in [0, 100, 201, 300, 400] {
            watch.unopened(start + ms(at), Stream::Video);
        }
        assert_eq!(watch.figures().frozen, 1);
        // The other stream has not, and this one not again.
        watch.unopened(start + ms(300), Stream::Audio);
        watch.opened(start + ms(450), Stream::Audio);
        watch.opened(start + ms(450), Stream::Video);
        assert_eq!(watch.figures().frozen, 1);
        // Frames that waited too long were as good as lost, although they open.
        watch.unopened(start + ms(500), Stream::Video);
        watch.opened(start + ms(800), Stream::Video);
        assert_eq!(watch.figures().frozen, 2);
        watch.unopened(start + ms(900), Stream::Audio);
        watch.dropped(Stream::Audio);
        assert_eq!(watch.figures(), KeyFigures { longest: ms(0), frozen: 3, dropped: 1 });
    }
}
