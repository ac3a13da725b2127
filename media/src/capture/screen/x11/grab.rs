//! What is read: where on the server it lies, and how its pixels are fetched.

use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::composite::{self, Redirect};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, Rectangle};
use x11rb::rust_connection::RustConnection;

use super::{geometry, lost};
use crate::capture::screen::finish::PIXEL;
use crate::capture::screen::pixels::Pixels;
use crate::capture::screen::{Region, ScreenError};

/// What is shared, on the server.
pub(super) enum Target {
    Root { root: u32, region: Option<Region> },
    Window(Window),
}

/// A window's own pixels. The server keeps them apart from those of the windows that cover it, which are nobody's business.
pub(super) struct Window {
    root: u32,
    window: u32,
    /// The window's pixels, and how large it was when they were named: after a change they are others.
    pixmap: Option<(u32, (u32, u32))>,
}

/// Where pixels are to be fetched from now.
pub(super) struct View {
    drawable: u32,
    /// The shared part in what is watched for damage, and where that begins in `drawable`.
    part: Region,
    border: i32,
    pub(super) width: u32,
    pub(super) height: u32,
    /// The shared part on the screen.
    pub(super) on_screen: Region,
}

impl Target {
    pub(super) fn window(connection: &RustConnection, root: u32, window: u32) -> Result<Self, ScreenError> {
        let version = composite::query_version(connection, 0, 4).map_err(lost)?;
        let apart = version.reply().is_ok();
        if !apart {
            return Err(ScreenError::Unsupported("windows that are not kept apart"));
        }
        let redirected = composite::redirect_window(connection, window, Redirect::AUTOMATIC).map_err(lost)?;
        redirected.check().map_err(|_| ScreenError::NotThere)?;
        Ok(Self::Window(Window { root, window, pixmap: None }))
    }

    /// Whose damage matters.
    pub(super) fn watched(&self) -> u32 {
        match self {
            Target::Root { root, .. } => *root,
            Target::Window(window) => window.window,
        }
    }

    /// `None`: it is not shown now.
    pub(super) fn view(&mut self, connection: &RustConnection) -> Result<Option<View>, ScreenError> {
        match self {
            Target::Root { root, region } => {
                let (width, height, _) = geometry(connection, *root)?;
                let whole = Region { x: 0, y: 0, width, height };
                let part = region.map_or(Some(whole), |region| common(region, whole)).ok_or(ScreenError::Gone)?;
                let (width, height) = (part.width, part.height);
                Ok(Some(View { drawable: *root, part, border: 0, width, height, on_screen: part }))
            }
            Target::Window(window) => window.view(connection),
        }
    }
}

impl Window {
    fn view(&mut self, connection: &RustConnection) -> Result<Option<View>, ScreenError> {
        let (width, height, border) = geometry(connection, self.window)?;
        if self.pixmap.is_none_or(|(_, size)| size != (width, height)) {
            self.rename(connection, (width, height))?;
        }
        let Some((drawable, _)) = self.pixmap else {
            return Ok(None);
        };
        let place = connection.translate_coordinates(self.window, self.root, 0, 0).map_err(lost)?;
        let place = place.reply().map_err(lost)?;
        let part = Region { x: 0, y: 0, width, height };
        let on_screen = Region { x: place.dst_x.into(), y: place.dst_y.into(), width, height };
        Ok(Some(View { drawable, part, border: border as i32, width, height, on_screen }))
    }

    /// The window's pixels lie elsewhere after each change of size, and each time that it was hidden and shown.
    fn rename(&mut self, connection: &RustConnection, size: (u32, u32)) -> Result<(), ScreenError> {
        if let Some((pixmap, _)) = self.pixmap.take() {
            connection.free_pixmap(pixmap).map_err(lost)?;
        }
        let pixmap = connection.generate_id().map_err(lost)?;
        let named = composite::name_window_pixmap(connection, self.window, pixmap).map_err(lost)?;
        // A window that is not shown has none.
        self.pixmap = named.check().is_ok().then_some((pixmap, size));
        Ok(())
    }
}

impl View {
    /// All of it, in pixels of what is watched.
    pub(super) fn everything(&self) -> Rectangle {
        let Region { x, y, width, height } = self.part;
        Rectangle { x: x as i16, y: y as i16, width: width as u16, height: height as u16 }
    }

    /// Fetches what of `place` is shared. Whether anything in it was different.
    pub(super) fn fetch(
        &self,
        connection: &RustConnection,
        place: Rectangle,
        pixels: &mut Pixels,
    ) -> Result<bool, ScreenError> {
        let Rectangle { x, y, width, height } = place;
        let place = Region { x: x.into(), y: y.into(), width: width.into(), height: height.into() };
        let Some(Region { x, y, width, height }) = common(place, self.part) else {
            return Ok(false);
        };
        let (from_x, from_y) = ((x + self.border) as i16, (y + self.border) as i16);
        let (format, all) = (ImageFormat::Z_PIXMAP, u32::MAX);
        let image = connection
            .get_image(format, self.drawable, from_x, from_y, width as u16, height as u16, all)
            .map_err(lost)?;
        match image.reply() {
            Ok(image) if image.data.len() == width as usize * height as usize * PIXEL => {
                let at = ((x - self.part.x) as u32, (y - self.part.y) as u32);
                Ok(pixels.put(at, (width, height), &image.data, width as usize * PIXEL))
            }
            // Its size has changed this moment: the next look sees it.
            Ok(_) | Err(ReplyError::X11Error(_)) => Ok(false),
            Err(ReplyError::ConnectionError(_)) => Err(ScreenError::Gone),
        }
    }
}

/// What lies in both; `None` if nothing does.
fn common(a: Region, b: Region) -> Option<Region> {
    let (x, y) = (a.x.max(b.x), a.y.max(b.y));
    let end = |at: i32, length: u32| i64::from(at) + i64::from(length);
    let width = end(a.x, a.width).min(end(b.x, b.width)) - i64::from(x);
    let height = end(a.y, a.height).min(end(b.y, b.height)) - i64::from(y);
    let some = width > 0 && height > 0;
    some.then_some(Region { x, y, width: width as u32, height: height as u32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_both_is_fetched() {
        let screen = Region { x: 0, y: 0, width: 100, height: 80 };
        let part = |x, y, width, height| common(Region { x, y, width, height }, screen);
        assert!(part(-10, -10, 30, 30) == Some(Region { x: 0, y: 0, width: 20, height: 20 }));
        assert!(part(90, 70, u32::MAX, u32::MAX) == Some(Region { x: 90, y: 70, width: 10, height: 10 }));
        assert!(part(100, 0, 5, 5).is_none() && part(i32::MIN, 0, 5, 5).is_none() && part(0, 0, 0, 5).is_none());
    }
}
