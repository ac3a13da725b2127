//! Why there is no room.

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RoomError {
    #[error("the room's title must have 1 to 64 visible letters")]
    BadTitle,
    #[error("the keys could not be created")]
    Keys,
    #[error("the stored keys cannot be read")]
    Kept,
}
