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

/// A person in sealed rooms, without a window.
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
    /// Create a room that leaves nothing behind; the first line on stdout is the invitation.
    Create {
        #[arg(long)]
        name: String,
        /// The room's title.
        #[arg(long, value_name = "TITLE", default_value = "Room")]
        room: String,
        #[command(flatten)]
        media: Media,
    },
    /// Join such a room by its invitation.
    Join {
        /// `-` for stdin, or a file with the link or its QR code. The link itself works too, and others on this machine see it.
        invitation: String,
        #[arg(long)]
        name: String,
        #[command(flatten)]
        media: Media,
    },
    /// N complete peers in this process, over real loopback UDP unless --network says more.
    Mesh {
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=16))]
        people: u32,
        #[command(flatten)]
        churning: Churning,
        #[command(flatten)]
        media: Media,
    },
    /// The faces one shows, each with contacts and rooms of its own.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Relationships of two.
    #[command(subcommand)]
    Contact(ContactCommand),
    /// Rooms that are kept.
    #[command(subcommand)]
    Room(RoomCommand),
    /// Call a contact or a room; lines of stdin are said there.
    Call {
        /// The name of a contact or the title of a room.
        with: String,
        /// Ring as a call with video.
        #[arg(long)]
        video: bool,
        /// Give up when nobody has answered after so many seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
        patience: u64,
        /// One JSON object a line, for everything that happens.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        media: Media,
    },
    /// Be there for all contacts and rooms, and print what happens.
    ///
    /// Lines of stdin: `/to NAME text` (a name of several words in double quotes), `/call NAME [video]`, `/answer`, `/decline`,
    /// `/hangup`, `/accept INVITATION`, `/admit N`, `/refuse N`, `/mute`, `/unmute`, `/camera on|off`, `/leave`; any other is said
    /// in the call.
    Listen {
        /// Take up every call.
        #[arg(long)]
        answer: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        media: Media,
    },
}
