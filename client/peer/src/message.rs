//! Messages by their names, for commands that answer and change them.

use data_encoding::HEXLOWER_PERMISSIVE;
use engine::api::{MessageId, RoomWish};

/// What a command does with a message: its name in hexadecimal digits, as `--json` tells it, and what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Reply,
    Edit,
    Delete,
    /// With the emoji behind the name; without one, reactions are taken back.
    React,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeedError {
    #[error("the name of a message is missing: 64 hexadecimal digits, as --json prints them")]
    NoMessage,
    #[error("the text is missing")]
    NoText,
}

/// The name of a message as it is printed and typed.
pub fn hex(message: MessageId) -> String {
    HEXLOWER_PERMISSIVE.encode(message.as_bytes())
}

impl Deed {
    /// The wish for a line of stdin behind the command.
    ///
    /// # Errors
    /// When a message or a text is missing.
    pub fn wish(self, rest: &str) -> Result<RoomWish, DeedError> {
        let (name, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let bytes = HEXLOWER_PERMISSIVE.decode(name.as_bytes()).map_err(|_| DeedError::NoMessage)?;
        let message = MessageId::from_bytes(&bytes).map_err(|_| DeedError::NoMessage)?;
        let text = text.trim();
        let said = || if text.is_empty() { Err(DeedError::NoText) } else { Ok(text.to_owned()) };
        Ok(match self {
            Self::Reply => RoomWish::Reply { to: message, text: said()? },
            Self::Edit => RoomWish::Edit { message, text: said()? },
            Self::Delete => RoomWish::Delete { message },
            Self::React => RoomWish::React { message, signs: text.split_whitespace().map(str::to_owned).collect() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "01a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0";

    #[test]
    fn deed_has_a_message_and_what_it_needs() {
        let text = |rest: &str| Deed::Reply.wish(&format!("{NAME}{rest}"));
        assert!(
            matches!(text("  two words "), Ok(RoomWish::Reply { to, text }) if hex(to) == NAME && text == "two words")
        );
        assert_eq!(text("").err(), Some(DeedError::NoText));
        assert_eq!(Deed::Delete.wish("deadbeef").err(), Some(DeedError::NoMessage));
        let signs = |rest: &str| match Deed::React.wish(&format!("{NAME} {rest}")) {
            Ok(RoomWish::React { signs, .. }) => signs.len(),
            _ => usize::MAX,
        };
        assert_eq!((signs(""), signs("a b")), (0, 2));
    }
}
