//! Screens and windows of X11: what the server says was damaged is fetched, compared and put together.

mod grab;
mod list;

use std::time::Instant;

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{self, ReportLevel};
use x11rb::protocol::xfixes;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageOrder, Rectangle, Setup};
use x11rb::rust_connection::RustConnection;

use super::cursor::Cursor;
use super::finish::{Finish, Order};
use super::pixels::Pixels;
use super::{Region, Screen, ScreenError, ScreenSource, is_wayland};
use crate::capture::pace::{Pace, Rate};
use crate::picture::{Picture, RawFrame};
use grab::Target;
pub(super) use list::list;

/// More damaged places than these are fetched as one.
const MAX_PLACES: usize = 16;

/// X11's part of a screen, read over a connection of its own.
pub(super) struct X11Screen {
    connection: RustConnection,
    target: Target,
    /// What the server says has changed, and where it writes that down. `None`: it does not, so all is compared.
    damage: Option<(damage::Damage, xfixes::Region)>,
    /// What was fetched last, without the pointer.
    pixels: Pixels,
    cursor: Option<Cursor>,
    pace: Pace,
    finish: Finish,
}

impl X11Screen {
    pub(super) fn open(source: &ScreenSource, fps: u32) -> Result<Self, ScreenError> {
        let (connection, nth) = connect()?;
        let root = connection.setup().roots.get(nth).ok_or(ScreenError::NoDesktop)?.root;
        // The pointer and damaged places are told of only after this.
        xfixes::query_version(&connection, 5, 0).map_err(lost)?.reply().map_err(unsupported)?;
        let target = match source {
            ScreenSource::Window(window) => Target::window(&connection, root, *window)?,
            ScreenSource::Region(region) => Target::Root { root, region: Some(*region) },
            ScreenSource::Whole | ScreenSource::Portal | ScreenSource::Test => Target::Root { root, region: None },
        };
        let damage = watch(&connection, target.watched());
        let mut screen = Self {
            connection,
            target,
            damage,
            pixels: Pixels::default(),
            cursor: None,
            pace: Pace::new(Rate::hertz(fps)),
            finish: Finish::new(),
        };
        // Whoever opens it should hear of a window that is not there, not whoever waits for its first picture.
        screen.look().map_err(|_| ScreenError::NotThere)?;
        screen.pixels = Pixels::default();
        Ok(screen)
    }

    /// Brings `pixels` up to date. Whether anything has changed.
    fn look(&mut self) -> Result<bool, ScreenError> {
        let Some(view) = self.target.view(&self.connection)? else {
            // A window that is not shown now keeps its last picture.
            return Ok(false);
        };
        let size = (view.width, view.height);
        let moved = self.pixels.resize(size);
        let places = match self.damaged()? {
            Some(places) if !moved => places,
            _ => vec![view.everything()],
        };
        let mut changed = moved;
        for place in places {
            changed |= view.fetch(&self.connection, place, &mut self.pixels)?;
        }
        let cursor = self.pointer(&view.on_screen)?;
        let seen = |cursor: &Option<Cursor>| cursor.as_ref().is_some_and(|cursor| cursor.is_inside(size));
        changed |= cursor != self.cursor && (seen(&cursor) || seen(&self.cursor));
        self.cursor = cursor;
        Ok(changed)
    }

    /// The places that were damaged since the last look, in pixels of what is watched. `None`: nobody knows.
    fn damaged(&mut self) -> Result<Option<Vec<Rectangle>>, ScreenError> {
        let Some((damage, region)) = self.damage else {
            return Ok(None);
        };
        let mut notified = false;
        while let Some(event) = self.connection.poll_for_event().map_err(lost)? {
            notified |= matches!(event, Event::DamageNotify(_));
        }
        if !notified {
            return Ok(Some(Vec::new()));
        }
        damage::subtract(&self.connection, damage, x11rb::NONE, region).map_err(lost)?;
        let fetched = xfixes::fetch_region(&self.connection, region).map_err(lost)?;
        let Ok(fetched) = fetched.reply() else {
            return Ok(None);
        };
        let few = fetched.rectangles.len() <= MAX_PLACES;
        Ok(Some(if few { fetched.rectangles } else { vec![fetched.extents] }))
    }

    /// The pointer, placed in the shared part.
    fn pointer(&self, part: &Region) -> Result<Option<Cursor>, ScreenError> {
        let reply = xfixes::get_cursor_image(&self.connection).map_err(lost)?;
        // Some servers have none.
        Ok(reply.reply().ok().map(|image| Cursor {
            x: i32::from(image.x) - i32::from(image.xhot) - part.x,
            y: i32::from(image.y) - i32::from(image.yhot) - part.y,
            width: image.width.into(),
            height: image.height.into(),
            pixels: image.cursor_image,
        }))
    }

    /// What is to be seen now, pointer and all.
    fn picture(&mut self) -> Result<Picture, ScreenError> {
        let size = self.pixels.size;
        let under = self.cursor.as_ref().map(|cursor| cursor.draw(&mut self.pixels.data, size));
        let picture = self.finish.picture(&self.pixels.data, size, Order::Bgr);
        if let Some(under) = under {
            under.put_back(&mut self.pixels.data);
        }
        picture.ok_or(ScreenError::NotThere)
    }
}

impl Screen for X11Screen {
    fn next(&mut self, again: bool) -> Result<Option<RawFrame>, ScreenError> {
        let now = Instant::now();
        let due = self.pace.next(now);
        std::thread::sleep(due.at.saturating_duration_since(now));
        let changed = self.look()?;
        let captured = Instant::now();
        let empty = self.pixels.data.is_empty();
        if empty || !changed && !again {
            return Ok(None);
        }
        Ok(Some(RawFrame { picture: self.picture()?, captured }))
    }
}

/// Connects to the server of `$DISPLAY`, if its screen is the one that people see.
fn connect() -> Result<(RustConnection, usize), ScreenError> {
    if is_wayland() {
        return Err(ScreenError::NoDesktop);
    }
    let (connection, nth) = x11rb::connect(None).map_err(|_| ScreenError::NoDesktop)?;
    check(connection.setup(), nth)?;
    Ok((connection, nth))
}

/// Pixels are read as four bytes: blue, green, red and nothing. Every server of today can do that, and does.
fn check(setup: &Setup, nth: usize) -> Result<(), ScreenError> {
    let screen = setup.roots.get(nth).ok_or(ScreenError::NoDesktop)?;
    let four = setup.pixmap_formats.iter().filter(|format| matches!(format.depth, 24 | 32));
    let visual = screen
        .allowed_depths
        .iter()
        .flat_map(|depth| &depth.visuals)
        .find(|visual| visual.visual_id == screen.root_visual);
    let usual = visual.is_some_and(|visual| (visual.red_mask, visual.blue_mask) == (0xff_0000, 0xff));
    let bytes = setup.image_byte_order == ImageOrder::LSB_FIRST && four.into_iter().all(|f| f.bits_per_pixel == 32);
    if screen.root_depth == 24 && usual && bytes { Ok(()) } else { Err(ScreenError::Unsupported("unusual colours")) }
}

/// Has the server watch a window, if it can.
fn watch(connection: &RustConnection, window: u32) -> Option<(damage::Damage, xfixes::Region)> {
    damage::query_version(connection, 1, 1).ok()?.reply().ok()?;
    let (watch, region) = (connection.generate_id().ok()?, connection.generate_id().ok()?);
    xfixes::create_region(connection, region, &[]).ok()?.check().ok()?;
    damage::create(connection, watch, window, ReportLevel::NON_EMPTY).ok()?.check().ok()?;
    Some((watch, region))
}

fn lost<E>(_: E) -> ScreenError {
    ScreenError::Gone
}

fn unsupported<E>(_: E) -> ScreenError {
    ScreenError::Unsupported("a server without XFixes")
}

/// The size of a window's or screen's inside.
fn geometry(connection: &RustConnection, window: u32) -> Result<(u32, u32, u32), ScreenError> {
    let geometry = connection.get_geometry(window).map_err(lost)?.reply().map_err(lost)?;
    Ok((geometry.width.into(), geometry.height.into(), geometry.border_width.into()))
}
