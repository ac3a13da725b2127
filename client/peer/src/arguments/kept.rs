//! Commands on what a profile keeps.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use engine::api::Terms;

use super::values::{Quiet, Switch};

#[derive(Subcommand)]
pub enum ProfileCommand {
    /// Create a profile.
    Create {
        /// The name that others see.
        name: String,
        /// Show no rings and notices while the window is hidden.
        #[arg(long)]
        silent: bool,
    },
    /// List all profiles here, with the names of those that the passphrase or the keyring opens.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Rename the profile.
    Rename { name: String },
    /// Write the profile to one file, encrypted with a passphrase.
    Export {
        file: PathBuf,
        /// The first line of this file encrypts the export.
        #[arg(long, value_name = "FILE")]
        export_passphrase_file: PathBuf,
        /// Replace an existing file.
        #[arg(long)]
        force: bool,
    },
    /// Create a profile from an exported file; prints its id and name.
    Import {
        file: PathBuf,
        /// The name that others see from now on; by default the one in the file.
        #[arg(long)]
        name: Option<String>,
        /// The first line of this file decrypts the export.
        #[arg(long, value_name = "FILE")]
        export_passphrase_file: PathBuf,
    },
    /// Delete the profile with its contacts, rooms and keys.
    Delete {
        /// Confirm: this cannot be undone.
        #[arg(long)]
        yes: bool,
    },
    /// Delete all profiles here, including those that cannot be opened.
    DeleteEverything {
        /// Confirm: this cannot be undone.
        #[arg(long)]
        yes: bool,
    },
}

/// How an invitation is made.
#[derive(Args)]
pub struct Inviting {
    /// Let many people use it; by default the first one uses it up.
    #[arg(long)]
    many: bool,
    /// How many hours it is valid; by default a week.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=8784))]
    hours: Option<u64>,
    /// Also write it as a QR code to this picture.
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
    /// Create an invitation for a new contact; the first line on stdout is its link. It works while `listen` runs.
    Invite {
        /// A note of who it is for, shown until the contact's own name is known.
        #[arg(long, default_value = "New contact")]
        label: String,
        #[command(flatten)]
        inviting: Inviting,
    },
    /// Accept an invitation; ends when the contact is made, and prints its name.
    Accept {
        /// `-` for stdin, or a file with the link or its QR code. The link itself works too, but other users can see it.
        invitation: String,
        /// Give up after this many seconds.
        #[arg(long)]
        seconds: Option<u32>,
    },
    /// List all contacts, and people who were invited.
    List {
        #[arg(long)]
        json: bool,
    },
    /// End the relationship, and forget its keys, chat and invitations.
    Revoke {
        name: String,
        /// How long to try to reach them for a goodbye.
        #[arg(long, default_value_t = 5)]
        seconds: u32,
    },
    /// Print what both sides compare: digits, words to read aloud, and the text of a QR code.
    Verify {
        name: String,
        /// What the other side reads or shows: the digits, their six words, the text of their QR code, or a picture of it.
        /// A match is remembered. Six words prove little alone, so the other side should compare as well.
        #[arg(value_name = "CODE")]
        read: Vec<String>,
        /// The same, as an option.
        #[arg(long, value_name = "CODE", conflicts_with = "read")]
        code: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Set what this contact's calls may do; without options, print it.
    Rules {
        name: String,
        /// Let calls ring; otherwise they are only noted as missed.
        #[arg(long)]
        ring: Option<Switch>,
        /// Let calls ask for video.
        #[arg(long)]
        video: Option<Switch>,
        /// Local time in which nothing rings: HH:MM-HH:MM, or off.
        #[arg(long)]
        quiet: Option<Quiet>,
    },
    /// Print the chat, oldest message first.
    History {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Remove the chat, except messages that still have to be delivered.
    Clear { name: String },
    /// Set your own name for a contact; nobody else learns it.
    Rename { name: String, label: String },
    /// Queue a message; it is delivered while `listen` runs, or at once with --wait.
    Say {
        name: String,
        #[arg(required_unless_present = "file", conflicts_with = "file")]
        text: Vec<String>,
        /// Read messages from this file, one per line.
        #[arg(long)]
        file: Option<PathBuf>,
        /// Stay until everything is delivered, for at most this many seconds.
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u32>,
    },
}

#[derive(Subcommand)]
pub enum RoomCommand {
    /// Create a kept room.
    Create { title: String },
    /// List all kept rooms.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Create an invitation; the first line on stdout is its link. It works while `listen` runs.
    Invite {
        room: String,
        #[command(flatten)]
        inviting: Inviting,
        /// Make newcomers wait until a member lets them in.
        #[arg(long)]
        waiting_room: bool,
    },
    /// Accept an invitation; ends when you are in, and prints the title.
    Accept {
        /// `-` for stdin, or a file with the link or its QR code. The link itself works too, but other users can see it.
        invitation: String,
        /// Give up after this many seconds.
        #[arg(long)]
        seconds: Option<u32>,
    },
    /// Send a contact a one-time invitation to the room; it is delivered while `listen` runs.
    Bring { contact: String, room: String },
    /// Leave for good, and forget the room's keys and chat.
    Leave {
        room: String,
        /// How long to try to reach a member for a goodbye.
        #[arg(long, default_value_t = 5)]
        seconds: u32,
    },
    /// Remove a member.
    Remove {
        room: String,
        name: String,
        /// Give up after this many seconds.
        #[arg(long, default_value_t = 30)]
        seconds: u32,
    },
    /// Print the chat, oldest message first.
    History {
        room: String,
        #[arg(long)]
        json: bool,
    },
}
