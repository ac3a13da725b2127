//! The screen's thread: decodes everybody's video in turn and shows it. What goes wrong with one stream ends that stream.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use media::{
    EncodedFrame, Stream,
    decode::{DecodeError, process::Decoders},
};

use super::{
    StudioEvent,
    screen::{Of, Queued, Shared, Work},
    turns::Charged,
    views::Views,
};
use crate::api::Trouble;

pub(super) struct ScreenThread {
    pub shared: Arc<Shared>,
    pub decoders: Decoders,
    pub views: Views,
}

impl ScreenThread {
    pub fn run(&mut self) {
        loop {
            let now = Instant::now();
            let (work, next) = {
                let mut inbox = self.shared.inbox();
                let work = inbox.work.pop_front();
                // Who comes and goes is known before their frames are looked at.
                let next = if work.is_none() { inbox.turns.next(now) } else { None };
                (work, next)
            };
            let idle = work.is_none() && next.is_none();
            match work {
                Some(Work::Stop) => break,
                Some(work) => self.work(work),
                None => {}
            }
            match next {
                Some((of, Queued::Frame(frame))) => self.decode(of, &frame),
                Some((of, Queued::Pause)) => self.views.pause(of),
                None => {}
            }
            self.fenced_show_due();
            if idle {
                self.wait();
            }
        }
        for member in self.views.members() {
            self.work(Work::Remove(member));
        }
        self.views.finish_recordings();
    }

    /// Waits until something comes or a picture is due.
    fn wait(&self) {
        let inbox = self.shared.inbox();
        let now = Instant::now();
        if !inbox.work.is_empty() {
            return;
        }
        let due = [inbox.turns.due(now), self.views.due()].into_iter().flatten().min();
        match due {
            Some(due) => {
                let wait = due.saturating_duration_since(now);
                if !wait.is_zero() {
                    drop(self.shared.something.wait_timeout(inbox, wait));
                }
            }
            None => drop(self.shared.something.wait(inbox)),
        }
    }

    fn work(&mut self, work: Work) {
        match work {
            Work::Add(member, name) => {
                let owner = self.views.add(member, &name);
                for screen in [false, true] {
                    self.decoders.add(Instant::now(), owner, screen);
                }
            }
            Work::Remove(member) => {
                for stream in [Stream::Video, Stream::Screen] {
                    if let Some(owner) = self.views.remove((member, stream)) {
                        self.decoders.remove(owner, stream == Stream::Screen);
                    }
                }
            }
            Work::Stop => {}
        }
        *self.shared.decoders() = self.decoders.figures();
    }

    /// Decodes and shows one frame. A panic over it ends its stream and nothing else.
    fn decode(&mut self, of: Of, frame: &EncodedFrame) {
        let Some(owner) = self.views.owner(of) else {
            return;
        };
        let screen = of.1 == Stream::Screen;
        let (decoders, views) = (&mut self.decoders, &mut self.views);
        let wanted = views.want_picture(of);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let decoded = decoders.decode(Instant::now(), owner, screen, &frame.data, wanted)?;
            if let Some(shown) = decoded {
                views.came(of, frame.captured_us, &shown, wanted);
            }
            Ok(())
        }));
        // What is refused is charged as well.
        let charged = self.shared.inbox().turns.charge(Instant::now(), of, self.decoders.took(), !screen);
        if charged == Charged::AskForLess {
            let lines = self.views.lines(of);
            self.views.tell(StudioEvent::PictureTakesTooMuch { member: of.0, lines });
        }
        match outcome {
            Ok(_) if charged == Charged::Rests => self.views.rest(of),
            Ok(Ok(())) => {}
            Ok(Err(DecodeError::Unavailable)) => self.views.rest(of),
            Ok(Err(DecodeError::NotStarted)) => self.views.miss_decoder(of),
            Ok(Err(why)) => {
                if why != DecodeError::NeedsKeyframe {
                    self.views.refuse(of);
                }
                self.views.tell(StudioEvent::PictureBroken(of.0, of.1));
            }
            Err(_) => self.fail(of),
        }
        *self.shared.decoders() = self.decoders.figures();
    }

    fn fenced_show_due(&mut self) {
        while let Some(of) = self.views.next_due() {
            if catch_unwind(AssertUnwindSafe(|| self.views.show_held(of))).is_err() {
                self.fail(of);
            }
        }
    }

    /// The stream has met a fault of ours: it ends, and the others go on.
    fn fail(&mut self, of: Of) {
        tracing::error!("a participant's pictures failed and have ended");
        self.shared.inbox().turns.remove(of);
        if let Some(owner) = self.views.remove(of) {
            self.decoders.remove(owner, of.1 == Stream::Screen);
        }
        self.views.tell(StudioEvent::Trouble(Trouble::StreamFailed));
    }
}
