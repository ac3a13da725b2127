//! Where pictures of a screen come from. They come when something changes, sharp rather than often.

#[cfg(all(feature = "x11", target_os = "linux"))]
mod cursor;
#[cfg(all(any(feature = "wayland", feature = "x11"), target_os = "linux"))]
mod finish;
mod page;
#[cfg(all(any(feature = "wayland", feature = "x11"), target_os = "linux"))]
mod pixels;
mod source;
#[cfg(all(feature = "wayland", target_os = "linux"))]
mod wayland;
#[cfg(all(feature = "x11", target_os = "linux"))]
mod x11;

#[cfg(all(any(feature = "wayland", feature = "x11"), target_os = "linux"))]
use source::is_wayland;
pub use source::{MAX_SCREEN, Region, Screen, ScreenError, ScreenInfo, ScreenSource};

/// Pictures a second that may be asked for.
pub const SCREEN_FPS: std::ops::RangeInclusive<u32> = 1..=30;

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
