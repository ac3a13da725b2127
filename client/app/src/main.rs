//! `incamera`: the window onto a room.

#![deny(clippy::unwrap_used, clippy::expect_used)]

mod cli;
mod demo;
mod engine;
mod features;
mod pages;
mod stage;
mod testing;
mod ui;
mod window;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Err(why) = ::engine::hardening::harden_process() {
        eprintln!("incamera: {why}");
    }
    ::engine::serve_decoder_if_asked();
    window::run(cli::Cli::parse())
}
