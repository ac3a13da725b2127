//! `incamera-peer`: the engine without a window, for bots, tests, appliances and measurements.

mod arguments;
mod console;
mod mesh;
mod session;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("INCAMERA_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let result = match Arguments::parse().command {
        Command::Create { name, room, media } => session::create(name, room, &media),
        Command::Join { invitation, name, media } => session::join(invitation, name, &media),
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
