use std::fs;

use image::{DynamicImage, GrayImage, Luma, LumaA, imageops};
use tempfile::tempdir;

use super::{draw::pixels, *};

/// As long as an invitation is.
fn link() -> String {
    let code: String =
        (0..236_u32).map(|n| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(n * n % 31) as usize])).collect();
    format!("incamera://join#{code}")
}

fn picture(text: &str) -> GrayImage {
    let (pixels, side) = pixels(&draw(text).unwrap());
    GrayImage::from_raw(side as u32, side as u32, pixels).unwrap()
}

fn read(picture: &GrayImage) -> Option<String> {
    let (width, height) = picture.dimensions();
    read_luma(width as usize, height as usize, width as usize, picture.as_raw())
}

/// Numbers from 0 to `below` that are the same each time.
fn noise(seed: u64, below: u32) -> impl FnMut() -> u32 {
    let mut random = fastrand::Rng::with_seed(seed);
    move || random.u32(..below)
}

/// The code turned by so many degrees on a grey table, as a camera sees it.
fn turned(code: &GrayImage, degrees: f32, side: u32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (middle, own) = (side as f32 / 2.0, code.width() as f32 / 2.0);
    GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 - middle, y as f32 - middle);
        let (u, v) = (cos * x + sin * y + own, cos * y - sin * x + own);
        let inside = u >= 0.0 && v >= 0.0 && u < code.width() as f32 && v < code.height() as f32;
        if inside { *code.get_pixel(u as u32, v as u32) } else { Luma([150]) }
    })
}

#[test]
fn what_is_drawn_into_a_file_is_read_from_it() {
    let folder = tempdir().unwrap();
    for text in [link(), "x".into(), "Grüße, 👋".into(), "a".repeat(2500)] {
        save_png(&text, &folder.path().join("code.png")).unwrap();
        assert_eq!(read_file(&folder.path().join("code.png")).unwrap(), text);
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_picture_of_an_invitation() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("code.png"), b"a picture that anybody may read").unwrap();
    save_png(&link(), &folder.path().join("code.png")).unwrap();
    assert_eq!(fs::metadata(folder.path().join("code.png")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_module_outside_of_the_code_is_light() {
    let code = draw("x").unwrap();
    assert!(code.is_dark(0, 0) && !code.is_dark(code.side, 0) && !code.is_dark(0, usize::MAX));
}

#[test]
fn a_text_that_no_code_can_hold_is_refused() {
    assert!(matches!(draw(&"x".repeat(4000)), Err(QrError::TooLong)));
}

#[test]
fn a_code_is_read_in_any_direction() {
    let code = picture(&link());
    for degrees in (0..360).step_by(24) {
        assert_eq!(read(&turned(&code, degrees as f32, 900)), Some(link()), "{degrees} degrees");
    }
}

#[test]
fn a_code_is_read_in_any_size() {
    let code = picture(&link());
    for side in [200, 260, 333, 700, 1500, 3000] {
        let scaled = imageops::resize(&code, side, side, imageops::FilterType::Triangle);
        assert_eq!(read(&scaled), Some(link()), "{side} pixels");
    }
}

#[test]
fn a_code_is_read_through_noise_and_uneven_light() {
    let mut seen = turned(&picture(&link()), 7.0, 720);
    let mut noise = noise(1, 60);
    for (x, _, pixel) in seen.enumerate_pixels_mut() {
        let lit = u32::from(pixel.0[0]) * (400 + x) / 1200 + 30 + noise();
        pixel.0[0] = lit.min(255) as u8;
    }
    assert_eq!(read(&seen), Some(link()));
}

#[test]
fn a_pale_and_a_blurred_code_are_read() {
    let mut pale = turned(&picture(&link()), 100.0, 800);
    let blurred = imageops::blur(&pale, 2.5);
    pale.pixels_mut().for_each(|pixel| pixel.0[0] = 150 + pixel.0[0] / 8);
    assert_eq!(read(&pale), Some(link()));
    assert_eq!(read(&blurred), Some(link()));
}

#[test]
fn a_light_code_on_dark_is_read() {
    let mut code = picture(&link());
    imageops::invert(&mut code);
    assert_eq!(read(&code), Some(link()));
}

#[test]
fn a_code_without_a_background_is_read_as_on_white_paper() {
    let folder = tempdir().unwrap();
    let code = picture(&link());
    let bare =
        image::ImageBuffer::from_fn(code.width(), code.height(), |x, y| LumaA([0, 255 - code.get_pixel(x, y).0[0]]));
    DynamicImage::ImageLumaA8(bare).save(folder.path().join("bare.png")).unwrap();
    assert_eq!(read_file(&folder.path().join("bare.png")).unwrap(), link());
}

#[test]
fn a_code_in_a_jpeg_photograph_is_read() {
    let folder = tempdir().unwrap();
    let photograph = DynamicImage::ImageLuma8(turned(&picture(&link()), 31.0, 1100)).into_rgb8();
    photograph.save(folder.path().join("photograph.jpg")).unwrap();
    assert_eq!(read_file(&folder.path().join("photograph.jpg")).unwrap(), link());
}

#[test]
fn small_code_in_a_large_screenshot_is_read() {
    let folder = tempdir().unwrap();
    let code = draw(&link()).unwrap();
    for (width, height, module) in [(1920, 1080, 3), (3840, 2160, 4), (5120, 1440, 8)] {
        let side = code.side as u32 * module;
        let (left, top) = (width - side - 40, height - side - 60);
        let is_dark = |x: u32, y: u32| {
            let at = |pixel: u32, start: u32| pixel.checked_sub(start).map(|inside| (inside / module) as usize);
            at(x, left).zip(at(y, top)).is_some_and(|(x, y)| code.is_dark(x, y))
        };
        let screenshot = GrayImage::from_fn(width, height, |x, y| Luma([if is_dark(x, y) { 0 } else { 240 }]));
        screenshot.save(folder.path().join("screenshot.png")).unwrap();
        assert_eq!(read_file(&folder.path().join("screenshot.png")).unwrap(), link(), "{width}x{height}");
    }
}

#[test]
fn of_two_codes_the_invitation_is_read() {
    let (other, own) = (picture("https://example.org/"), picture(&link()));
    let mut both = GrayImage::from_pixel(1400, 800, Luma([255]));
    imageops::overlay(&mut both, &other, 50, 50);
    imageops::overlay(&mut both, &own, 700, 100);
    assert_eq!(read(&both), Some(link()));
}

#[test]
fn padding_between_the_rows_is_not_part_of_the_picture() {
    let code = picture(&link());
    let width = code.width() as usize;
    let padded: Vec<u8> = code.as_raw().chunks(width).flat_map(|row| [row, &[0; 40]].concat()).collect();
    assert_eq!(read_luma(width, width, width + 40, &padded), Some(link()));
}

#[test]
fn a_plane_that_is_not_what_it_says_has_no_code() {
    let plane = [0; 100];
    let sizes =
        [(0, 10, 10), (10, 11, 10), (10, 10, 9), (10, usize::MAX, 10), (usize::MAX, 1, usize::MAX), (1, 2, usize::MAX)];
    for (width, height, stride) in sizes {
        assert_eq!(read_luma(width, height, stride, &plane), None);
    }
}

#[test]
fn a_picture_without_a_code_says_so() {
    let folder = tempdir().unwrap();
    let mut noise = noise(2, 256);
    GrayImage::from_fn(300, 200, |_, _| Luma([noise() as u8])).save(folder.path().join("noise.png")).unwrap();
    GrayImage::new(3, 1).save(folder.path().join("tiny.png")).unwrap();
    for name in ["noise.png", "tiny.png"] {
        assert!(matches!(read_file(&folder.path().join(name)), Err(QrError::NoCode)), "{name}");
    }
}

#[test]
fn a_picture_full_of_finders_is_given_up_at_once() {
    let code = picture(&link());
    let finder = imageops::crop_imm(&code, 32, 32, 56, 56).to_image();
    let mut full = GrayImage::from_pixel(1600, 1600, Luma([255]));
    for at in 0..400 {
        imageops::overlay(&mut full, &finder, at % 20 * 80 + 10, at / 20 * 80 + 10);
    }
    assert_eq!(read(&full), None);
}

#[test]
fn a_spoilt_code_is_not_read_as_something_else() {
    let mut code = picture(&link());
    let middle = code.width() / 2;
    for (x, y, pixel) in code.enumerate_pixels_mut() {
        if x.abs_diff(middle) < 110 && y.abs_diff(middle) < 110 {
            pixel.0[0] = 255;
        }
    }
    assert_eq!(read(&code), None);
}

#[test]
fn what_is_no_picture_is_refused() {
    let folder = tempdir().unwrap();
    let mut noise = noise(3, 256);
    save_png(&link(), &folder.path().join("whole.png")).unwrap();
    let whole = fs::read(folder.path().join("whole.png")).unwrap();
    let garbage: Vec<u8> = (0..5000).map(|_| noise() as u8).collect();
    let headed = [&whole[..8], &garbage].concat();
    for bytes in [&b""[..], b"incamera://join#", &garbage, &headed, &whole[..whole.len() / 2], b"\xff\xd8\xff\xe0 jpeg"]
    {
        fs::write(folder.path().join("file"), bytes).unwrap();
        assert!(matches!(read_file(&folder.path().join("file")), Err(QrError::NotAPicture)));
    }
    assert!(matches!(read_file(folder.path()), Err(QrError::NotAPicture | QrError::Unreadable(_))));
    assert!(matches!(read_file(&folder.path().join("missing")), Err(QrError::Unreadable(_))));
}

#[test]
fn a_huge_picture_is_refused_before_it_is_unpacked() {
    let folder = tempdir().unwrap();
    let mut header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    header.extend_from_slice(&60_000_u32.to_be_bytes());
    header.extend_from_slice(&60_000_u32.to_be_bytes());
    // 8 bits of grey, and the CRC-32 of the chunk's type and content.
    header.extend_from_slice(&[8, 0, 0, 0, 0]);
    header.extend_from_slice(&crc(&header[12..]).to_be_bytes());
    header.extend_from_slice(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    fs::write(folder.path().join("huge.png"), header).unwrap();
    assert!(matches!(read_file(&folder.path().join("huge.png")), Err(QrError::TooLarge)));

    fs::File::create(folder.path().join("long.png")).unwrap().set_len(40_000_000).unwrap();
    assert!(matches!(read_file(&folder.path().join("long.png")), Err(QrError::TooLarge)));
}

/// CRC-32 as PNG has it (ISO/IEC 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}
