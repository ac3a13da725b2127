//! The names of media types, as far as they matter here.

/// Type and subtype in small letters, without parameters.
pub fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The value of a parameter, without quotes.
pub fn parameter<'a>(content_type: &'a str, name: &str) -> Option<&'a str> {
    content_type
        .split(';')
        .skip(1)
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"')))
}

/// Whether it is shown or played, and not only stored.
pub fn is_picture_sound_or_video(content_type: &str) -> bool {
    let essence = essence(content_type);
    ["image/", "audio/", "video/"].iter().any(|kind| essence.starts_with(kind))
}
