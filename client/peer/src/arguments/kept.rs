//! Commands on what a profile keeps.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use engine::api::Terms;

use super::values::{Quiet, Switch};

#[derive(Subcommand)]
pub enum ProfileCommand {
    /// A new profile; its name is what others see.
    Create {
        name: String,
        /// No rings and notices while the window is hidden.
        #[arg(long)]
        silent: bool,
    },
    /// All profiles here; names are shown of those that the passphrase or the keyring opens.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Give the profile another name.
    Rename { name: String },
    /// Write the profile into one file, sealed with a passphrase.
    Export {
        file: PathBuf,
        /// The first line of this file seals it.
        #[arg(long, value_name = "FILE")]
        export_passphrase_file: PathBuf,
        /// Replace the file that is there.
        #[arg(long)]
        force: bool,
    },
    /// A new profile from such a file; prints its id and its name.
    Import {
        file: PathBuf,
        /// The name that others see from now on; otherwise the one in the file.
        #[arg(long)]
        name: Option<String>,
        /// The first line of this file opens it.
        #[arg(long, value_name = "FILE")]
        export_passphrase_file: PathBuf,
    },
    /// Delete the profile with its contacts, rooms and keys.
    Delete {
        /// What is deleted cannot be brought back.
        #[arg(long)]
        yes: bool,
    },
    /// Delete all profiles here, whether they can be opened or not.
    DeleteEverything {
        /// What is deleted cannot be brought back.
        #[arg(long)]
        yes: bool,
    },
}

/// How an invitation is made.
#[derive(Args)]
pub struct Inviting {
    /// Good for many people; otherwise the first uses it up.
    #[arg(long)]
    many: bool,
    /// Good for so many hours; a week, unless said.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=8784))]
    hours: Option<u64>,
    /// Write it as a QR picture here too.
    #[arg(long, value_name = "FILE.png")]
    pub qr: Option<PathBuf>,
}

impl Inviting {
    pub fn terms(&self, waiting_room: bool) -> Terms {
        let valid = self.hours.map_or(Terms::default().valid, |hours| Some(Duration::from_secs(hours * 3600)));
        Terms { many: self.many, valid, waiting_room }
    }
}

#[derive(Subcommand)]
pub enum ContactCommand {
    /// Make an invitation for a contact to be; the first line on stdout is its link. It is redeemed while `listen` runs.
    Invite {
        /// A note of whom it is for; the contact goes by it until their own name is known.
        #[arg(long, default_value = "New contact")]
        label: String,
        #[command(flatten)]
        inviting: Inviting,
    },
    /// Take up an invitation; ends when the contact is made, and prints its name.
    Accept {
        /// `-` for stdin, or a file with the link or its QR code. The link itself works too, and others on this machine see it.
        invitation: String,
        /// Give up after so many seconds.
        #[arg(long)]
        seconds: Option<u32>,
    },
    /// All contacts, and those who were invited.
    List {
        #[arg(long)]
        json: bool,
    },
    /// End the relationship: its keys, its chat and its invitations are forgotten.
    Revoke {
        name: String,
        /// Try so long to reach them for a goodbye.
        #[arg(long, default_value_t = 5)]
        seconds: u32,
    },
    /// Print what both sides compare: digits, the words that each reads aloud, and the text of a QR picture.
    Verify {
        name: String,
        /// What the other side read or shows: the digits, their six words, the text of their QR picture, or a picture file
        /// with it. Compared and, when it matches, remembered. Six words prove little alone: the other side compares too.
        #[arg(value_name = "CODE")]
        read: Vec<String>,
        /// The same, as an option.
        #[arg(long, value_name = "CODE", conflicts_with = "read")]
        code: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// What their calls may do here; without options prints it.
    Rules {
        name: String,
        /// Calls ring; otherwise they are only noted as missed.
        #[arg(long)]
        ring: Option<Switch>,
        /// Calls may ask for video.
        #[arg(long)]
        video: Option<Switch>,
        /// When nothing rings, by the local clock: HH:MM-HH:MM, or off.
        #[arg(long)]
        quiet: Option<Quiet>,
    },
    /// Everything that was said, oldest first.
    History {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Remove everything that was said, but for what is still to be delivered.
    Clear { name: String },
    /// Give a contact the name that we know them by; nobody else learns it.
    Rename { name: String, label: String },
    /// Queue a message; it is delivered while `listen` runs, or now with --wait.
    Say {
        name: String,
        #[arg(required_unless_present = "file", conflicts_with = "file")]
        text: Vec<String>,
        /// One message a line, from this file.
        #[arg(long)]
        file: Option<PathBuf>,
        /// Stay until everything is delivered, so many seconds at most.
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u32>,
    },
}

#[derive(Subcommand)]
pub enum RoomCommand {
    /// Found a room that is kept.
    Create { title: String },
    /// All rooms.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Make an invitation; the first line on stdout is its link. It is redeemed while `listen` runs.
    Invite {
        room: String,
        #[command(flatten)]
        inviting: Inviting,
        /// Who comes waits until somebody in the room lets them in.
        #[arg(long)]
        waiting_room: bool,
    },
    /// Take up an invitation; ends when we are in, and prints the title.
    Accept {
        /// `-` for stdin, or a file with the link or its QR code. The link itself works too, and others on this machine see it.
        invitation: String,
        /// Give up after so many seconds.
        #[arg(long)]
        seconds: Option<u32>,
    },
    /// Send a contact a one-time invitation to the room; it is delivered while `listen` runs.
    Bring { contact: String, room: String },
    /// Leave for good: the room's keys and chat are forgotten.
    Leave {
        room: String,
        /// Try so long to reach somebody for a goodbye.
        #[arg(long, default_value_t = 5)]
        seconds: u32,
    },
    /// Remove a member.
    Remove {
        room: String,
        name: String,
        /// Give up after so many seconds.
        #[arg(long, default_value_t = 30)]
        seconds: u32,
    },
    /// Everything that was said, oldest first.
    History {
        room: String,
        #[arg(long)]
        json: bool,
    },
}
