//! A pattern drawn on a real X server comes back as the picture that it is. Needs a screen that nobody sees, as
//! `scripts/headless.sh` has it, because it draws there and moves the pointer.
#![cfg(all(target_os = "linux", feature = "x11"))]

use media::Picture;
use media::capture::{Region, ScreenError, ScreenSource, open_screen, screens};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::*;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

const RED: (u32, [u8; 3]) = (0xff_0000, [63, 102, 240]);
const BLUE: (u32, [u8; 3]) = (0x00_00ff, [32, 240, 118]);
const GREEN: (u32, [u8; 3]) = (0x00_ff00, [173, 42, 26]);

struct Desk {
    connection: RustConnection,
    root: u32,
    drawing: u32,
}

impl Desk {
    /// `None` where there is no screen of that kind.
    fn new() -> Option<Self> {
        if std::env::var_os("INCAMERA_UNSEEN_SCREEN").is_none() {
            eprintln!("SKIPPED: this is not an unseen screen: scripts/headless.sh brings one");
            return None;
        }
        let (connection, nth) = x11rb::connect(None).expect("an X server");
        let root = connection.setup().roots[nth].root;
        let drawing = connection.generate_id().unwrap();
        connection.create_gc(drawing, root, &CreateGCAux::new()).unwrap();
        // Out of everybody's way.
        connection.warp_pointer(x11rb::NONE, root, 0, 0, 0, 0, 1000, 700).unwrap();
        Some(Self { connection, root, drawing })
    }

    fn window(&self, x: i16, y: i16, width: u16, height: u16, colour: u32) -> u32 {
        let window = self.connection.generate_id().unwrap();
        let settings = CreateWindowAux::new().background_pixel(colour).override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        self.connection.create_window(24, window, self.root, x, y, width, height, 0, class, 0, &settings).unwrap();
        let name = AtomEnum::WM_NAME;
        self.connection.change_property8(PropMode::REPLACE, window, name, AtomEnum::STRING, b"A letter").unwrap();
        self.connection.map_window(window).unwrap();
        self.connection.sync().unwrap();
        window
    }

    fn fill(&self, window: u32, x: i16, y: i16, width: u16, height: u16, colour: u32) {
        self.connection.change_gc(self.drawing, &ChangeGCAux::new().foreground(colour)).unwrap();
        let place = [Rectangle { x, y, width, height }];
        self.connection.poly_fill_rectangle(window, self.drawing, &place).unwrap();
        self.connection.sync().unwrap();
    }
}

/// Whether the picture has this colour around a place.
fn has(picture: &Picture, (x, y): (u32, u32), [luma, blue, red]: [u8; 3]) -> bool {
    let at = |plane: &[u8], width: u32, x: u32, y: u32| plane[(y * width + x) as usize];
    let half = picture.width / 2;
    at(&picture.y, picture.width, x, y).abs_diff(luma) <= 2
        && at(&picture.u, half, x / 2, y / 2).abs_diff(blue) <= 2
        && at(&picture.v, half, x / 2, y / 2).abs_diff(red) <= 2
}

// One test, because there is one screen.
#[test]
fn what_is_drawn_is_seen_and_only_changes_make_pictures() {
    let Some(desk) = Desk::new() else { return };
    let window = desk.window(101, 51, 201, 151, RED.0);

    // A region, and a change in it; one outside is none.
    let region = Region { x: 101, y: 51, width: 200, height: 150 };
    let mut screen = open_screen(&ScreenSource::Region(region), 30, &|| false).unwrap();
    let first = screen.next(false).unwrap().expect("a first picture").picture;
    assert_eq!((first.width, first.height), (200, 150));
    assert!(has(&first, (2, 2), RED.1) && has(&first, (197, 147), RED.1));
    assert!(screen.next(false).unwrap().is_none(), "nothing has changed");
    let again = screen.next(true).unwrap().expect("the same again, as asked for").picture;
    assert!(again == first);
    desk.fill(window, 20, 30, 40, 10, BLUE.0);
    let changed = screen.next(false).unwrap().expect("a change").picture;
    assert!(has(&changed, (40, 34), BLUE.1) && has(&changed, (80, 34), RED.1) && has(&changed, (40, 50), RED.1));
    desk.fill(window, 20, 30, 40, 10, BLUE.0);
    assert!(screen.next(false).unwrap().is_none(), "drawn over with the same");
    let elsewhere = desk.window(600, 400, 50, 50, GREEN.0);
    assert!(screen.next(false).unwrap().is_none(), "that was elsewhere");

    // The pointer is drawn in, and its going is a change.
    desk.connection.warp_pointer(x11rb::NONE, window, 0, 0, 0, 0, 100, 100).unwrap();
    desk.connection.sync().unwrap();
    let pointed = screen.next(false).unwrap().expect("the pointer").picture;
    assert!(pointed != changed);
    desk.connection.warp_pointer(x11rb::NONE, desk.root, 0, 0, 0, 0, 1000, 700).unwrap();
    desk.connection.sync().unwrap();
    assert!(screen.next(false).unwrap().expect("no pointer").picture == changed);

    // All of it.
    let mut whole = open_screen(&ScreenSource::Whole, 30, &|| false).unwrap();
    let picture = whole.next(false).unwrap().unwrap().picture;
    assert!(has(&picture, (620, 420), GREEN.1) && has(&picture, (140, 84), BLUE.1));

    // A window shows its own, whatever lies on it, and follows its size.
    let mut shared = open_screen(&ScreenSource::Window(window), 30, &|| false).unwrap();
    let cover = desk.window(101, 51, 150, 150, GREEN.0);
    let picture = shared.next(false).unwrap().unwrap().picture;
    assert_eq!((picture.width, picture.height), (200, 150));
    assert!(has(&picture, (2, 2), RED.1), "what covers it is nobody's business");
    let size = ConfigureWindowAux::new().width(320).height(240);
    desk.connection.configure_window(window, &size).unwrap();
    desk.connection.sync().unwrap();
    let picture = shared.next(false).unwrap().expect("another size").picture;
    assert_eq!((picture.width, picture.height), (320, 240));

    let listed = screens();
    assert!(listed.iter().any(|info| info.source == ScreenSource::Whole));
    assert!(listed.iter().any(|info| info.source == ScreenSource::Window(window) && info.name == "A letter"));

    for window in [window, elsewhere, cover] {
        desk.connection.destroy_window(window).unwrap();
    }
    desk.connection.sync().unwrap();
    assert_eq!(shared.next(false).err(), Some(ScreenError::Gone));
    assert_eq!(open_screen(&ScreenSource::Window(window), 5, &|| false).err(), Some(ScreenError::NotThere));
    let nowhere = Region { x: 90_000, y: 0, width: 10, height: 10 };
    assert_eq!(open_screen(&ScreenSource::Region(nowhere), 5, &|| false).err(), Some(ScreenError::NotThere));
}
