//! `incamera`: the window onto a room.

#![deny(clippy::unwrap_used, clippy::expect_used)]

mod about;
mod accept;
mod action;
mod bar;
#[cfg(test)]
mod bench;
mod call;
mod chat;
mod cli;
mod clip;
mod confirm;
mod demo;
mod devices;
mod door;
mod embedded;
mod figures;
mod header;
mod invite;
mod keys;
mod kit;
mod network;
mod notice;
mod power;
mod profile;
mod reading;
mod room;
#[cfg(feature = "scenes")]
mod scene;
mod screen;
mod screenshot;
mod share;
mod theme;
mod tile;
mod verify;
mod video;
mod window;
mod words;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Err(why) = engine::hardening::harden_process() {
        eprintln!("incamera: {why}");
    }
    engine::serve_decoder_if_asked();
    window::run(cli::Cli::parse())
}
