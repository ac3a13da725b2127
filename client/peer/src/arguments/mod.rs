//! The command line.
//!
//! Invitations and file names are plain texts here: the parser's own errors would print a damaged one, secret and all.

mod churning;
mod global;
mod kept;
mod media;
#[cfg(test)]
mod tests;
mod values;

use clap::{Parser, Subcommand};

pub use churning::Churning;
pub use global::Global;
pub use kept::{ContactCommand, Inviting, ProfileCommand, RoomCommand};
pub use media::Media;
pub use values::{Quiet, Switch, quiet_text};

/// A person in encrypted rooms, without a window.
#[derive(Parser)]
#[command(name = "incamera-peer", version)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Create a room that leaves nothing behind; the first line on stdout is its invitation.
    Create {
        /// Your name, as the others see it.
        #[arg(long)]
        name: String,
        /// The room's title.
        #[arg(long, value_name = "TITLE", default_value = "Room")]
        room: String,
        #[command(flatten)]
        media: Media,
    },
    /// Join a room that leaves nothing behind, with its invitation.
    Join {
        /// `-` for stdin, or a file with the link or its QR code. The link itself works too, but other users can see it.
        invitation: String,
        /// Your name, as the others see it.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        media: Media,
    },
    /// Run N complete peers in this process, over real UDP on loopback unless --network allows more.
    Mesh {
        /// The number of people.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=16))]
        people: u32,
        #[command(flatten)]
        churning: Churning,
        #[command(flatten)]
        media: Media,
    },
    /// Profiles: names that others see, each with its own contacts and rooms.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Contacts: relationships of two people.
    #[command(subcommand)]
    Contact(ContactCommand),
    /// Kept rooms.
    #[command(subcommand)]
    Room(RoomCommand),
    /// Call a contact or a room; lines of stdin are messages there.
    Call {
        /// The name or id of a contact or room.
        with: String,
        /// Ring as a call with video.
        #[arg(long)]
        video: bool,
        /// Give up if nobody has answered after this many seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
        patience: u64,
        /// Print events as JSON, one object per line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        media: Media,
    },
    /// Stay online for all contacts and rooms, and print what happens.
    ///
    /// Lines of stdin: `/to NAME text` (a name of several words in double quotes), `/call NAME [video]`, `/answer`, `/decline`,
    /// `/hangup`, `/accept INVITATION`, `/admit N`, `/refuse N`, `/mute`, `/unmute`, `/camera on|off`, `/who`, `/code`,
    /// `/verify NAME [CODE]`, `/remove NAME`, `/leave`. Any other line is a message in the call.
    Listen {
        /// Answer every call.
        #[arg(long)]
        answer: bool,
        /// Print events as JSON, one object per line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        media: Media,
    },
}
