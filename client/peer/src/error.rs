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
    #[error(
        "a title has 1 to {MAX_NAME_LETTERS} letters and at most {MAX_NAME_BYTES} bytes, without invisible characters"
    )]
    Title,
    #[error("the engine failed and could not continue")]
    Engine,
    #[error("the disk could not be written to, so nothing was done: free some space and try again")]
    NotKept,
    #[error("a message needs a text")]
    NothingToSay,
    #[error("nothing more can be written there")]
    ReadOnly,
    #[error("the engine did not answer")]
    NoAnswer,
    #[error("stopped before it was done")]
    Interrupted,
    #[error("the folder for recordings cannot be created: {}", .0.kind())]
    Folder(io::Error),
    #[error("no temporary folder can be created: {}", .0.kind())]
    TemporaryFolder(io::Error),
    #[error("churn needs at least three people: give --people 3 or more")]
    TooFewToChurn,
    #[error("the figures cannot be written: {}", .0.kind())]
    Figures(io::Error),
    #[error("the system's signals cannot be handled: {}", .0.kind())]
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
    #[error("this system has no default folder for profiles: give --data-dir DIR")]
    NoFolder,
    #[error("no keyring answers on this system: give --passphrase-file FILE")]
    NoKeyring,
    #[error("the profiles here are locked by the keyring, which does not answer: start or unlock it")]
    NoKeyringForProfiles,
    #[error("there is no profile here: create one with `profile create`")]
    NoProfile,
    #[error("the profiles here are locked with a passphrase: give --passphrase-file FILE")]
    WantsPassphrase,
    #[error("the profiles here are locked by the keyring: leave --passphrase-file out")]
    WantsKeyring,
    #[error("there are several profiles: give --profile with a name, or with an id from `profile list`")]
    WhichProfile,
    #[error("a profile with this name already exists")]
    ProfileExists,
    #[error("a profile with the imported name already exists, so nothing was imported: give --name NAME")]
    ImportedExists,
    #[error("another process uses a profile that may have this name: give an id from `profile list`")]
    NameInUse,
    #[error("this file already exists: give --force to replace it")]
    FileExists,
    #[error("stdout cannot be written: {}", .0.kind())]
    Output(io::Error),
    #[error("nothing was deleted: give --yes to confirm, because this cannot be undone")]
    NotConfirmed,
    #[error("no {0} has this name or id")]
    Unknown(Named),
    #[error("more than one {0} has this name; give the id: {1}")]
    Ambiguous(Named, Choices),
    #[error("this is neither an invitation (incamera://join#...) nor a picture of one")]
    NoInvitation,
    #[error("this invitation is for a contact: use `contact accept`")]
    LeadsToContact,
    #[error("this invitation is for a kept room: use `room accept`")]
    LeadsToRoom,
    #[error("this invitation is for a room that is not kept: use `join`")]
    LeadsToEphemeral,
    #[error("nobody answered in time")]
    NotInTime,
    #[error("there is nothing to compare yet: nobody else is there")]
    NoSafetyCode,
    #[error("the codes differ: someone may be between you")]
    CodesDiffer,
    #[error("the call was not answered")]
    NotTakenUp,
    #[error("messages too long to be sent: {0}")]
    TooLong(u64),
    #[error("line {0} of the file is longer than a message may be")]
    LineTooLong(u64),
    #[error("not everything was delivered in time; the rest waits in the outbox")]
    NotDelivered,
}
