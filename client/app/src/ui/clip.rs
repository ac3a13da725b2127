//! An invitation on the clipboard: marked as a secret, so that no history keeps it, and taken back after a minute.

use std::time::Duration;

use bevy::prelude::*;
use zeroize::Zeroizing;

use crate::ui::power::Waker;

/// How long an invitation stays there.
const KEPT: Duration = Duration::from_secs(60);

/// A clipboard.
pub trait Board: Send + Sync + 'static {
    /// Whether it took the text.
    fn put(&mut self, text: &str) -> bool;
    fn holds(&mut self, text: &str) -> bool;
    fn clear(&mut self);
}

/// The system's clipboard, asked for when it is first needed.
#[derive(Default)]
struct System(Option<arboard::Clipboard>);

impl System {
    fn open(&mut self) -> Option<&mut arboard::Clipboard> {
        if self.0.is_none() {
            self.0 = arboard::Clipboard::new().ok();
        }
        self.0.as_mut()
    }
}

impl Board for System {
    fn put(&mut self, text: &str) -> bool {
        let Some(clipboard) = self.open() else {
            return false;
        };
        let set = clipboard.set();
        #[cfg(all(unix, not(target_vendor = "apple")))]
        let set = arboard::SetExtLinux::exclude_from_history(set);
        #[cfg(target_vendor = "apple")]
        let set = arboard::SetExtApple::exclude_from_history(set);
        #[cfg(windows)]
        let set = arboard::SetExtWindows::exclude_from_cloud(arboard::SetExtWindows::exclude_from_history(set));
        set.text(text).is_ok()
    }

    fn holds(&mut self, text: &str) -> bool {
        let held = self.0.as_mut().and_then(|clipboard| clipboard.get_text().ok()).map(Zeroizing::new);
        held.is_some_and(|held| held.as_str() == text)
    }

    fn clear(&mut self) {
        // A clipboard that refuses is one that no longer holds anything of ours.
        let _ = self.0.as_mut().map(arboard::Clipboard::clear);
    }
}

/// Our text on the clipboard.
#[derive(Resource)]
pub struct Clip {
    board: Box<dyn Board>,
    ours: Option<(Zeroizing<String>, Duration)>,
}

impl Clip {
    pub fn on(board: impl Board) -> Self {
        Self { board: Box::new(board), ours: None }
    }

    /// Puts a secret there until a minute from `now`, in time of the window's clock. Whether the clipboard took it.
    pub fn lend(&mut self, secret: String, now: Duration, waker: &Waker) -> bool {
        let secret = Zeroizing::new(secret);
        if !self.board.put(&secret) {
            return false;
        }
        self.ours = Some((secret, now.saturating_add(KEPT)));
        let waker = waker.clone();
        let clock = std::thread::Builder::new().name("clip".into()).spawn(move || {
            std::thread::sleep(KEPT);
            waker.wake();
        });
        if clock.is_err() {
            tracing::warn!("the clipboard is cleared late: the system refused a thread");
        }
        true
    }

    /// Clears our text if it is still there; a text that was copied since is left alone.
    fn take_back(&mut self) {
        if let Some((secret, _)) = self.ours.take()
            && self.board.holds(&secret)
        {
            self.board.clear();
        }
    }
}

pub fn plugin(app: &mut App) {
    app.insert_resource(Clip::on(System::default())).add_systems(Last, take_back);
}

fn take_back(mut clip: ResMut<Clip>, time: Res<Time<Real>>, mut exits: MessageReader<AppExit>) {
    let over = exits.read().count() > 0;
    if clip.ours.as_ref().is_some_and(|(_, until)| over || time.elapsed() >= *until) {
        clip.take_back();
    }
}

#[cfg(test)]
pub mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    /// A clipboard of a test's own.
    #[derive(Clone, Default)]
    pub struct Scripted(Arc<Mutex<String>>);

    impl Scripted {
        pub fn text(&self) -> String {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }

        fn set(&self, text: &str) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text.to_owned();
        }
    }

    impl Board for Scripted {
        fn put(&mut self, text: &str) -> bool {
            self.set(text);
            true
        }

        fn holds(&mut self, text: &str) -> bool {
            self.text() == text
        }

        fn clear(&mut self) {
            self.set("");
        }
    }

    fn app(board: &Scripted) -> App {
        let mut app = App::new();
        app.init_resource::<Time<Real>>()
            .add_message::<AppExit>()
            .add_plugins(plugin)
            .insert_resource(Clip::on(board.clone()));
        app.world_mut().resource_mut::<Clip>().lend("incamera://join#a".into(), Duration::ZERO, &Waker::default());
        app
    }

    fn wait(app: &mut App, seconds: u64) {
        app.world_mut().resource_mut::<Time<Real>>().advance_by(Duration::from_secs(seconds));
        app.update();
    }

    #[test]
    fn an_invitation_leaves_the_clipboard_after_a_minute() {
        let board = Scripted::default();
        let mut app = app(&board);
        wait(&mut app, 59);
        assert_eq!(board.text(), "incamera://join#a");
        wait(&mut app, 2);
        assert_eq!(board.text(), "");
    }

    #[test]
    fn clipboard_keeps_text_that_was_copied_later() {
        let board = Scripted::default();
        let mut app = app(&board);
        board.set("a recipe");
        wait(&mut app, 61);
        assert_eq!(board.text(), "a recipe");
    }

    #[test]
    fn an_invitation_leaves_the_clipboard_when_the_window_ends() {
        let board = Scripted::default();
        let mut app = app(&board);
        app.world_mut().write_message(AppExit::Success);
        app.update();
        assert_eq!(board.text(), "");
    }
}
