//! What X11 has to share: the screen, its monitors, its windows with their titles.

use x11rb::connection::Connection;
use x11rb::protocol::randr;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, MapState, WindowClass};
use x11rb::rust_connection::RustConnection;

use super::{connect, geometry};
use crate::capture::screen::{Region, ScreenInfo, ScreenSource};

/// Windows that are listed, and characters of a title.
const MAX_WINDOWS: usize = 64;
const MAX_TITLE: usize = 80;
/// Smaller windows are none that people see.
const MIN_SIDE: u32 = 32;

pub(crate) fn list() -> Option<Vec<ScreenInfo>> {
    let (connection, nth) = connect().ok()?;
    let root = connection.setup().roots.get(nth)?.root;
    let mut found = vec![ScreenInfo { source: ScreenSource::Whole, name: String::new() }];
    found.extend(monitors(&connection, root).unwrap_or_default());
    let windows = managed(&connection, root).filter(|windows| !windows.is_empty());
    let windows = windows.or_else(|| children(&connection, root)).unwrap_or_default();
    found.extend(windows.into_iter().take(MAX_WINDOWS).filter_map(|window| describe(&connection, window)));
    Some(found)
}

/// The monitors, where there are several.
fn monitors(connection: &RustConnection, root: u32) -> Option<Vec<ScreenInfo>> {
    randr::query_version(connection, 1, 5).ok()?.reply().ok()?;
    let monitors = randr::get_monitors(connection, root, true).ok()?.reply().ok()?.monitors;
    if monitors.len() < 2 {
        return None;
    }
    let info = |monitor: &randr::MonitorInfo| {
        let name = connection.get_atom_name(monitor.name).ok()?.reply().ok()?.name;
        let (x, y) = (monitor.x.into(), monitor.y.into());
        let region = Region { x, y, width: monitor.width.into(), height: monitor.height.into() };
        Some(ScreenInfo { source: ScreenSource::Region(region), name: title(&name) })
    };
    Some(monitors.iter().filter_map(info).collect())
}

/// The windows that the window manager knows, the newest last.
fn managed(connection: &RustConnection, root: u32) -> Option<Vec<u32>> {
    let list = atom(connection, "_NET_CLIENT_LIST")?;
    let reply =
        connection.get_property(false, root, list, AtomEnum::WINDOW, 0, MAX_WINDOWS as u32).ok()?.reply().ok()?;
    Some(reply.value32()?.collect())
}

/// Without a window manager: whatever lies on the screen.
fn children(connection: &RustConnection, root: u32) -> Option<Vec<u32>> {
    Some(connection.query_tree(root).ok()?.reply().ok()?.children)
}

/// `None`: nothing that people see.
fn describe(connection: &RustConnection, window: u32) -> Option<ScreenInfo> {
    let attributes = connection.get_window_attributes(window).ok()?.reply().ok()?;
    let (width, height, _) = geometry(connection, window).ok()?;
    let shown = attributes.map_state == MapState::VIEWABLE && attributes.class == WindowClass::INPUT_OUTPUT;
    if !shown || width < MIN_SIDE || height < MIN_SIDE {
        return None;
    }
    let text = |name: u32, kind: u32| {
        let reply = connection.get_property(false, window, name, kind, 0, 4 * MAX_TITLE as u32).ok()?.reply().ok()?;
        Some(title(&reply.value)).filter(|title| !title.is_empty())
    };
    let modern = || text(atom(connection, "_NET_WM_NAME")?, atom(connection, "UTF8_STRING")?);
    let name = modern().or_else(|| text(AtomEnum::WM_NAME.into(), AtomEnum::ANY.into()))?;
    Some(ScreenInfo { source: ScreenSource::Window(window), name })
}

fn atom(connection: &RustConnection, name: &str) -> Option<u32> {
    let atom = connection.intern_atom(true, name.as_bytes()).ok()?.reply().ok()?.atom;
    (atom != x11rb::NONE).then_some(atom)
}

/// Foreign text in one line.
fn title(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|c| !c.is_control()).take(MAX_TITLE).collect::<String>().trim().to_owned()
}
