//! What is pasted into a field: as text that it can show, and as much of it as fits, which is said.

use bevy::{
    clipboard::Clipboard,
    prelude::*,
    text::{EditableText, TextEdit},
};

use super::field::value;

/// Of what was pasted only so many letters fit.
#[derive(Message)]
pub struct Cut(pub usize);

/// Every paste that waits becomes an insertion, before bevy would refuse all of a text of which the end does not fit.
pub(super) fn paste(
    mut fields: Query<&mut EditableText>,
    clipboard: Option<ResMut<Clipboard>>,
    mut cuts: MessageWriter<Cut>,
) {
    let Some(mut clipboard) = clipboard else { return };
    for mut field in &mut fields {
        if !field.pending_edits.iter().any(|edit| matches!(edit, TextEdit::Paste)) {
            continue;
        }
        let Some(Ok(text)) = clipboard.fetch_text().poll_result() else { continue };
        let selected = field.editor.selected_text().map_or(0, str::len);
        let most = field.max_characters.unwrap_or(usize::MAX).saturating_add(selected);
        let (fits, is_whole) = fitting(&text, most.saturating_sub(value(&field).len()));
        if !is_whole {
            cuts.write(Cut(fits.chars().count()));
        }
        for edit in field.pending_edits.iter_mut().filter(|edit| matches!(edit, TextEdit::Paste)) {
            *edit = TextEdit::Insert(fits.as_str().into());
        }
    }
}

/// As much of a text as fits into so many bytes, and whether that is all of it: with line ends of other systems as ours, and
/// spaces for tabs, which have no glyph.
fn fitting(text: &str, bytes: usize) -> (String, bool) {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    let end = text.floor_char_boundary(bytes);
    (text[..end].to_owned(), end == text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_tabs_of_other_systems_are_pasted_as_ours() {
        assert_eq!(fitting("one\r\ntwo\rthree\tfour", 100), ("one\ntwo\nthree    four".to_owned(), true));
    }

    #[test]
    fn text_is_pasted_as_far_as_it_fits() {
        assert_eq!(fitting("éééé", 5), ("éé".to_owned(), false));
        assert_eq!(fitting("éé", 4), ("éé".to_owned(), true));
        assert_eq!(fitting("é", 0), (String::new(), false));
    }
}
