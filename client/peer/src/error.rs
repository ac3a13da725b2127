//! Why a command did not do what was asked.

use std::{fmt, io};

use engine::{
    StartError,
    api::{CodeError, JoinFailed},
    invitation::InvitationError,
    names::{MAX_NAME_BYTES, MAX_NAME_LETTERS},
    profiles::{ProfileError, StoreError},
    qr::QrError,
};

use crate::names::Choices;

/// What a name can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Profile,
    Contact,
    Room,
    /// Whoever can be called.
    ContactOrRoom,
    Member,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Named::Profile => "profile",
            Named::Contact => "contact",
            Named::Room => "room",
            Named::ContactOrRoom => "contact or room",
            Named::Member => "member",
        })
    }
}

/// Never says a name, a path, an invitation or a passphrase: errors end in logs.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    #[error(transparent)]
    Join(#[from] JoinFailed),
    #[error(transparent)]
    Code(#[from] CodeError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Qr(#[from] QrError),
    #[error("a title has 1 to {MAX_NAME_LETTERS} letters, at most {MAX_NAME_BYTES} bytes, none of them invisible")]
    Title,
    #[error("the engine could not go on")]
    Engine,
    #[error("the disk refused a write, so this was not done: make room on it and try again")]
    NotKept,
    #[error("a message needs a text")]
    NothingToSay,
    #[error("nothing can be said there any more")]
    ReadOnly,
    #[error("the engine did not answer")]
    NoAnswer,
    #[error("it was stopped before it was done")]
    Interrupted,
    #[error("the recordings' folder cannot be made: {}", .0.kind())]
    Folder(io::Error),
    #[error("no temporary folder can be made: {}", .0.kind())]
    TemporaryFolder(io::Error),
    #[error("it takes three people for some to come and go: give --people 3 or more")]
    TooFewToChurn,
    #[error("the figures cannot be written: {}", .0.kind())]
    Figures(io::Error),
    #[error("the signals of the system cannot be heard: {}", .0.kind())]
    Signals(io::Error),
    #[error("the passphrase file cannot be read: {}", .0.kind())]
    PassphraseFile(io::Error),
    #[error("a passphrase has 1 to 1024 bytes of UTF-8 on the first line of its file")]
    Passphrase,
    #[error("the relay's certificate cannot be read: {}", .0.kind())]
    Certificate(io::Error),
    #[error("stdin cannot be read: {}", .0.kind())]
    Stdin(io::Error),
    #[error("the file of messages cannot be read: {}", .0.kind())]
    Messages(io::Error),
    #[error("--relay-only needs a relay: give --relay URL")]
    NoRelay,
    #[error("this system has no place for profiles: give --data-dir DIR")]
    NoFolder,
    #[error("this system has no keyring that answers: give --passphrase-file FILE")]
    NoKeyring,
    #[error("no keyring answers, and the profiles here are locked by it: start or unlock the system's keyring")]
    NoKeyringForProfiles,
    #[error("there is no profile here: make one with `profile create`")]
    NoProfile,
    #[error("the profiles here are locked with a passphrase: give --passphrase-file FILE")]
    WantsPassphrase,
    #[error("the profiles here are locked by the keyring: leave --passphrase-file out")]
    WantsKeyring,
    #[error("there are several profiles: give --profile with a name, or an id that `profile list` prints")]
    WhichProfile,
    #[error("a profile of that name is here already")]
    ProfileExists,
    #[error("a profile of the imported one's name is here already; nothing was imported: give --name NAME")]
    ImportedExists,
    #[error("another process uses a profile that may have that name: give an id that `profile list` prints")]
    NameInUse,
    #[error("a file of that name is here already: give --force to replace it")]
    FileExists,
    #[error("stdout cannot be written: {}", .0.kind())]
    Output(io::Error),
    #[error("nothing was deleted: give --yes, for it cannot be brought back")]
    NotConfirmed,
    #[error("no {0} has that name or id")]
    Unknown(Named),
    #[error("more than one {0} has that name; give the id: {1}")]
    Ambiguous(Named, Choices),
    #[error("this is neither an invitation, which begins with incamera://join#, nor a picture file of one")]
    NoInvitation,
    #[error("this invitation is from a contact to be: use `contact accept`")]
    LeadsToContact,
    #[error("this invitation leads into a room: use `room accept`")]
    LeadsToRoom,
    #[error("this invitation leads into a room that is not kept: use `join`")]
    LeadsToEphemeral,
    #[error("nobody answered in time")]
    NotInTime,
    #[error("there is nothing to compare: nobody else is there yet")]
    NoSafetyCode,
    #[error("what you compared differs: somebody may be between you")]
    CodesDiffer,
    #[error("the call was not taken up")]
    NotTakenUp,
    #[error("messages that were too long and are not sent: {0}")]
    TooLong(u64),
    #[error("a line of the file is longer than any message may be: line {0}")]
    LineTooLong(u64),
    #[error("not everything was delivered in time; it waits in the outbox")]
    NotDelivered,
}
