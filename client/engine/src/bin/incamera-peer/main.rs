//! `incamera-peer`: the engine without a window, for bots, tests, appliances and measurements.

mod arguments;
mod console;
mod mesh;
mod session;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    engine::logging::to_stderr();
    let result = match Arguments::parse().command {
        Command::Create { name, room, media } => session::create(name, room, &media),
        Command::Join { invitation, name, media } => session::join(&invitation, name, &media),
        Command::Mesh { people, media } => mesh::run(people, &media),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("incamera-peer: {why}");
            ExitCode::FAILURE
        }
    }
}
