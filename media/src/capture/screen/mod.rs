//! Where pictures of a screen come from. They come when something changes, sharp rather than often.

#[cfg(all(feature = "x11", target_os = "linux"))]
mod cursor;
#[cfg(all(any(feature = "wayland", feature = "x11"), target_os = "linux"))]
mod finish;
mod page;
#[cfg(all(any(feature = "wayland", feature = "x11"), target_os = "linux"))]
mod pixels;
#[cfg(all(feature = "wayland", target_os = "linux"))]
mod wayland;
#[cfg(all(feature = "x11", target_os = "linux"))]
mod x11;

use crate::picture::RawFrame;

/// The largest picture of a screen, in pixels; larger screens are scaled down to it.
pub const MAX_SCREEN: (u32, u32) = (1920, 1080);

/// Pictures a second that may be asked for.
pub const SCREEN_FPS: std::ops::RangeInclusive<u32> = 1..=30;

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

/// A part of a screen, in pixels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Region {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
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

/// Opens a screen that gives at most `fps` pictures a second (held within [`SCREEN_FPS`]). A desktop may ask somebody first,
/// for as long as they like: `stopped` says that nobody wants it any more, and is looked at several times a second.
pub fn open_screen(
    source: &ScreenSource,
    fps: u32,
    stopped: &dyn Fn() -> bool,
) -> Result<Box<dyn Screen>, ScreenError> {
    let fps = fps.clamp(*SCREEN_FPS.start(), *SCREEN_FPS.end());
    // Nobody is asked in some builds.
    let _ = stopped;
    match source {
        ScreenSource::Test => Ok(Box::new(page::Page::new(fps))),
        #[cfg(all(feature = "wayland", target_os = "linux"))]
        ScreenSource::Portal => Ok(Box::new(wayland::PortalScreen::open(fps, stopped)?)),
        #[cfg(all(feature = "x11", target_os = "linux"))]
        ScreenSource::Whole | ScreenSource::Region(_) | ScreenSource::Window(_) => {
            Ok(Box::new(x11::X11Screen::open(source, fps)?))
        }
        // Of those above, some are not there on every system, and not in every build.
        #[allow(unreachable_patterns)]
        _ => Err(ScreenError::NoDesktop),
    }
}

/// Whether what people see is a Wayland desktop, of which X11 knows a part.
#[cfg(all(any(feature = "wayland", feature = "x11"), target_os = "linux"))]
fn is_wayland() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty())
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

/// What can be shared now: the whole screen, its monitors if there are several, and windows; under Wayland, what the
/// desktop's dialog offers. Nothing where the desktop does not let its screen be read.
pub fn screens() -> Vec<ScreenInfo> {
    #[cfg(all(feature = "wayland", target_os = "linux"))]
    if is_wayland() {
        return vec![ScreenInfo { source: ScreenSource::Portal, name: String::new() }];
    }
    #[cfg(all(feature = "x11", target_os = "linux"))]
    if let Some(found) = x11::list() {
        return found;
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_tells_nothing_about_its_owner() {
        let info = ScreenInfo { source: ScreenSource::Window(77), name: "Letter to Ada".into() };
        assert_eq!(format!("{info:?}"), "ScreenInfo(Window)");
    }
}
