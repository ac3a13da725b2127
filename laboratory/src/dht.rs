//! Nodes of a BitTorrent Mainline DHT (BEP 5, with BEP 42's ids and BEP 44's items) that know only each other.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;

use mainline::{Dht, ServerSettings, async_dht::AsyncDht};
use serde::Serialize;

use crate::ready::{Signals, Wanted, say};
use crate::requests::Requests;

#[derive(clap::Args)]
pub struct Arguments {
    /// The first node's address. The others take those that follow: a DHT trusts few nodes of one address (BEP 42)
    #[arg(long, value_name = "ADDRESS")]
    listen: Ipv4Addr,
    /// How many nodes
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(2..=100))]
    nodes: u8,
    /// The UDP port of every node, or 0 for any that is free
    #[arg(long, default_value_t = 6881)]
    port: u16,
    /// Where to write all that the nodes were asked to store and to find: on SIGUSR1, and at the end
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there are no {nodes} addresses from {first} on")]
    Addresses { first: Ipv4Addr, nodes: u8 },
    #[error("a node cannot have the address {address}: {why}")]
    Bind { address: SocketAddrV4, why: std::io::Error },
    #[error("the node {address} did not meet the others")]
    Alone { address: SocketAddrV4 },
    #[error("cannot write {}: {why}", path.display())]
    Write { path: PathBuf, why: std::io::Error },
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// What is said once every node knows others.
#[derive(Serialize)]
struct Ready {
    bootstrap: Vec<SocketAddrV4>,
}

/// What is said once a dump is written.
#[derive(Serialize)]
struct Dumped {
    dumped: usize,
}

/// Runs the nodes until SIGTERM or SIGINT.
///
/// # Errors
/// When an address is taken or not ours, or the dump cannot be written.
pub async fn run(arguments: Arguments) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let requests = Requests::default();
    let swarm = Swarm::start(arguments.listen, arguments.port, arguments.nodes, &requests).await?;
    say(&Ready { bootstrap: swarm.addresses.clone() })?;
    loop {
        let wanted = signals.next().await;
        if let Some(path) = &arguments.dump {
            let dumped = requests.dump(path).map_err(|why| Error::Write { path: path.clone(), why })?;
            say(&Dumped { dumped })?;
        }
        if let Wanted::Stop = wanted {
            return Ok(());
        }
    }
}

/// Nodes that know each other. They stop when this is dropped.
struct Swarm {
    nodes: Vec<AsyncDht>,
    addresses: Vec<SocketAddrV4>,
}

impl Swarm {
    async fn start(first: Ipv4Addr, port: u16, nodes: u8, requests: &Requests) -> Result<Self, Error> {
        let mut swarm = Self { nodes: Vec::new(), addresses: Vec::new() };
        for node in 0..nodes {
            let address = first.to_bits().checked_add(u32::from(node)).map(Ipv4Addr::from_bits);
            let address = SocketAddrV4::new(address.ok_or(Error::Addresses { first, nodes })?, port);
            swarm.add(address, requests).await.map_err(|why| Error::Bind { address, why })?;
        }
        for (node, &address) in swarm.nodes.iter().zip(&swarm.addresses) {
            if !node.bootstrapped().await {
                return Err(Error::Alone { address });
            }
        }
        Ok(swarm)
    }

    async fn add(&mut self, address: SocketAddrV4, requests: &Requests) -> std::io::Result<()> {
        let filter = requests.of_node(self.nodes.len());
        let mut builder = Dht::builder();
        builder
            .server_mode()
            .bind_address(*address.ip())
            .public_ip(*address.ip())
            .port(address.port())
            .server_settings(ServerSettings { filter, ..ServerSettings::default() });
        match self.addresses.is_empty() {
            true => builder.no_bootstrap(),
            false => builder.bootstrap(&self.addresses),
        };
        let node = builder.build()?.as_async();
        self.addresses.push(node.info().await.local_addr());
        self.nodes.push(node);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use data_encoding::HEXLOWER;
    use mainline::{MutableItem, SigningKey};

    use super::*;

    fn client(swarm: &Swarm) -> std::io::Result<AsyncDht> {
        let client = Dht::builder().bootstrap(&swarm.addresses).bind_address(Ipv4Addr::LOCALHOST).build()?;
        Ok(client.as_async())
    }

    #[tokio::test]
    async fn what_one_stores_another_finds_and_both_are_noted() -> Result<(), Box<dyn Error>> {
        let requests = Requests::default();
        let swarm = Swarm::start(Ipv4Addr::LOCALHOST, 0, 10, &requests).await?;
        let item = MutableItem::new(SigningKey::from_bytes(&[7; 32]), b"sealed", 3, Some(b"salt"));
        client(&swarm)?.put_mutable(item.clone(), None).await?;
        let found = client(&swarm)?.get_mutable_most_recent(item.key(), item.salt()).await;
        assert_eq!(found.map(|found| found.value().to_vec()), Some(b"sealed".to_vec()));

        let file = tempfile::NamedTempFile::new()?;
        let dumped = requests.dump(file.path())?;
        let text = std::fs::read_to_string(file.path())?;
        let lines: Vec<serde_json::Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        assert_eq!(lines.len(), dumped);
        let put = lines.iter().find(|line| line["kind"] == "put_mutable").ok_or("no put was noted")?;
        assert_eq!(put["value"], HEXLOWER.encode(b"sealed"));
        assert_eq!(put["key"], HEXLOWER.encode(item.key()));
        assert_eq!(put["salt"], HEXLOWER.encode(b"salt"));
        assert_eq!(put["sequence"], 3);
        assert_eq!(put["target"], item.target().to_string());
        let asked = |line: &&serde_json::Value| line["kind"] == "get_value" && line["target"] == put["target"];
        assert!(lines.iter().any(|line| asked(&line)), "no search was noted");
        Ok(())
    }

    #[tokio::test]
    async fn nodes_that_would_have_no_address_are_refused() {
        let swarm = Swarm::start(Ipv4Addr::BROADCAST, 0, 2, &Requests::default()).await;
        assert!(matches!(swarm.err(), Some(super::Error::Addresses { .. } | super::Error::Bind { .. })));
    }
}
