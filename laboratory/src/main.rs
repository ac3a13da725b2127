//! `incamera-laboratory`: what the Internet offers to people who find each other without a server, for one machine that
//! is cut off from it: a relay, and the nodes of a DHT. `scripts/laboratory` runs both in network namespaces.
//!
//! Nothing here protects anyone: both write down all that they see, as somebody who runs one of them could.

mod certificate;
mod dht;
mod operator_log;
mod ready;
mod relay;
mod requests;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A relay and a DHT for tests
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
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Relay(#[from] relay::Error),
    #[error(transparent)]
    Dht(#[from] dht::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    match run(Arguments::parse().service).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("incamera-laboratory: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(service: Service) -> Result<(), Error> {
    match service {
        Service::Relay(arguments) => relay::run(arguments).await?,
        Service::Dht(arguments) => dht::run(arguments).await?,
    }
    Ok(())
}
