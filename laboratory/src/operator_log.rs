//! Everything that a relay tells the one who runs it, one line of JSON per connection that begins or ends.
//!
//! Whoever runs a relay can watch its sockets as well, and so knows the address behind each endpoint, and which
//! endpoints sent each other how much and when. The relay's library hands over neither, so the log lacks both.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use iroh_base::EndpointId;
use iroh_relay::server::{Access, AccessControl, ClientRequest, ConnectionId, Metrics};
use serde::Serialize;

/// Lets everyone in, and writes down who came and went.
#[derive(Debug)]
pub struct OperatorLog {
    file: Option<Mutex<File>>,
    /// The relay's counters, known once it runs.
    counters: OnceLock<Arc<Metrics>>,
}

#[derive(Serialize)]
struct Line<'a> {
    /// Milliseconds since 1970.
    time_ms: u128,
    event: &'static str,
    connection: String,
    /// The endpoint's public key, in hex.
    endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(&'a str, String)>,
    /// What the relay took in from all of its clients so far, in bytes.
    received_bytes: u64,
    /// What it passed on to all of them, in bytes.
    sent_bytes: u64,
}

impl OperatorLog {
    /// A log into this file, begun anew; without a file nothing is written.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn new(file: Option<&Path>) -> std::io::Result<Self> {
        let file = file.map(File::create).transpose()?.map(Mutex::new);
        Ok(Self { file, counters: OnceLock::new() })
    }

    /// From now on lines tell these counters.
    pub fn count_with(&self, counters: Arc<Metrics>) {
        // A second relay with one log would only have its bytes left out.
        let _ = self.counters.set(counters);
    }

    fn write(&self, event: &'static str, endpoint: String, connection: ConnectionId, request: Option<&ClientRequest>) {
        let Some(file) = &self.file else { return };
        let line = Line {
            time_ms: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis()),
            event,
            connection: connection.to_string(),
            endpoint,
            uri: request.map(|request| request.uri().to_string()),
            headers: request.map(headers).unwrap_or_default(),
            received_bytes: self.counters.get().map_or(0, |counters| counters.bytes_recv.get()),
            sent_bytes: self.counters.get().map_or(0, |counters| counters.bytes_sent.get()),
        };
        let written = serde_json::to_vec(&line).map_err(std::io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            file.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).write_all(&line)
        });
        if let Err(why) = written {
            tracing::error!(%why, "the log lacks a line");
        }
    }
}

fn headers(request: &ClientRequest) -> Vec<(&str, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    request.headers().iter().map(|(name, value)| (name.as_str(), text(value.as_bytes()))).collect()
}

impl AccessControl for OperatorLog {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        self.write("connected", request.endpoint_id().to_string(), request.connection_id(), Some(request));
        Access::Allow
    }

    fn on_disconnect(&self, endpoint: EndpointId, connection: ConnectionId) {
        self.write("disconnected", endpoint.to_string(), connection, None);
    }
}
