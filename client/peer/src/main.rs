//! `incamera-peer`: the engine without a window, for bots, tests, appliances and measurements.

#![deny(clippy::unwrap_used, clippy::expect_used)]

mod accept;
mod arguments;
mod book;
mod churn;
mod clock;
mod console;
mod contact;
mod desk;
mod error;
mod flow;
mod history;
mod live;
mod mesh;
mod message;
mod names;
mod output;
mod profile;
mod room;
mod safety;
mod said;
mod say;
mod secrets;
mod session;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    if let Err(why) = engine::hardening::harden_process() {
        output::complain(&why);
    }
    media::decode::process::serve_if_asked();
    engine::logging::to_stderr();
    let Arguments { global, command } = Arguments::parse();
    let result = match command {
        Command::Create { name, room, media } => session::create(name, &room, &global, &media),
        Command::Join { invitation, name, media } => session::join(&invitation, name, &global, &media),
        Command::Mesh { people, churning, media } => match churning.rate() {
            Some(rate) => churn::run(people, rate, &churning, &global, &media),
            None => mesh::run(people, &global, &media),
        },
        Command::Profile(command) => profile::run(command, &global),
        Command::Contact(command) => contact::run(command, &global),
        Command::Room(command) => room::run(command, &global),
        Command::Call { with, video, patience, json, media } => {
            live::call(&global, &live::Calling { with: &with, video, patience, json }, &media)
        }
        Command::Listen { answer, json, media } => live::listen(&global, answer, json, &media),
    };
    match result.and_then(|()| output::check()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            output::complain(&why);
            ExitCode::FAILURE
        }
    }
}
