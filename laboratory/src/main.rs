//! `incamera-laboratory`: what the Internet offers to people who find each other without a server, for one machine that
//! is cut off from it: a relay, and the nodes of a DHT; and a member of a room who keeps no rule. `scripts/laboratory` runs
//! them in network namespaces.
//!
//! Nothing here protects anyone: relay and nodes write down all that they see, as somebody who runs one of them could.

mod certificate;
mod dht;
mod hostile;
mod operator_log;
mod ready;
mod relay;
mod requests;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A relay, a DHT and a hostile member for tests
#[derive(Parser)]
#[command(name = "incamera-laboratory")]
struct Arguments {
    #[command(subcommand)]
    service: Service,
}

#[derive(Subcommand)]
enum Service {
    /// Run a relay until told to stop
    Relay(relay::Arguments),
    /// Run the nodes of a DHT until told to stop
    Dht(dht::Arguments),
    /// Join a room and harm the others in it
    Hostile(hostile::Arguments),
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Relay(#[from] relay::Error),
    #[error(transparent)]
    Dht(#[from] dht::Error),
    #[error(transparent)]
    Hostile(#[from] hostile::Error),
    #[error("the system refused a thread or a timer: {0}")]
    Runtime(#[source] std::io::Error),
}

fn main() -> ExitCode {
    // The hostile member decodes what the others send as they do.
    engine::serve_decoder_if_asked();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    match run(Arguments::parse().service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("incamera-laboratory: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(service: Service) -> Result<(), Error> {
    // The hostile member's engine has a runtime of its own.
    let runtime = || tokio::runtime::Runtime::new().map_err(Error::Runtime);
    match service {
        Service::Relay(arguments) => runtime()?.block_on(relay::run(arguments))?,
        Service::Dht(arguments) => runtime()?.block_on(dht::run(arguments))?,
        Service::Hostile(arguments) => hostile::run(&arguments)?,
    }
    Ok(())
}
