//! What can be shared, and what a source of it gives.

use crate::picture::RawFrame;

/// The largest picture of a screen, in pixels; larger screens are scaled down to it.
pub const MAX_SCREEN: (u32, u32) = (1920, 1080);

/// What is shared.
#[derive(Clone, PartialEq, Eq)]
pub enum ScreenSource {
    /// A page of text that somebody writes on.
    Test,
    /// All that X11 shows.
    Whole,
    /// A part of it.
    Region(Region),
    /// One window of X11, and nothing of what covers it.
    Window(u32),
    /// What the desktop's own dialog lets somebody choose, under Wayland.
    Portal,
}

impl std::fmt::Debug for ScreenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ScreenSource::Test => "Test",
            ScreenSource::Whole => "Whole",
            ScreenSource::Region(_) => "Region",
            ScreenSource::Window(_) => "Window",
            ScreenSource::Portal => "Portal",
        })
    }
}

/// A part of a screen, in pixels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Region {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
}

/// Something that can be shared now.
#[derive(Clone, PartialEq, Eq)]
pub struct ScreenInfo {
    pub source: ScreenSource,
    /// A window's title or a monitor's name, which may hold anything; empty for the whole screen and the desktop's dialog.
    pub name: String,
}

impl std::fmt::Debug for ScreenInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ScreenInfo({:?})", self.source)
    }
}

/// Why there are no pictures of a screen, or no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScreenError {
    /// Neither X11 nor a portal; or X11's part of a Wayland desktop, which is a small part of what is on the screen.
    #[error("this desktop does not allow its screen to be shared")]
    NoDesktop,
    /// The window or the part of the screen is not there. Retrying does not help.
    #[error("there is nothing to share there")]
    NotThere,
    /// The screen has something that is not read.
    #[error("the screen has {0}, which is not supported")]
    Unsupported(&'static str),
    /// Whoever was asked what to share chose nothing.
    #[error("nothing was chosen, so nothing is shared")]
    Declined,
    /// What was shared is gone for good.
    #[error("the shared screen or window is gone")]
    Gone,
}

/// A source of pictures of a screen, none larger than [`MAX_SCREEN`]. Their size may change.
pub trait Screen: Send {
    /// Blocks until the next picture is due. `None`: it would be the same as the last one, and `again` does not ask for that.
    fn next(&mut self, again: bool) -> Result<Option<RawFrame>, ScreenError>;
}

/// Whether what people see is a Wayland desktop, of which X11 knows a part.
#[cfg(all(any(feature = "wayland", feature = "x11"), target_os = "linux"))]
pub(super) fn is_wayland() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty())
}
