//! What the nodes of a DHT are asked to store and to find: the most that somebody could know who runs all of them.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::net::SocketAddrV4;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use mainline::{RequestFilter, RequestSpecific};
use serde::Serialize;

/// Requests that are kept. Beyond that the oldest are forgotten.
const KEPT: usize = 100_000;

/// One request, with byte strings in hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Milliseconds since 1970.
    pub time_ms: u128,
    /// Which of our nodes was asked, counted from 0.
    pub node: usize,
    pub from: SocketAddrV4,
    /// `put_mutable`, `put_immutable`, `announce_peer`, `get_value` or `get_peers`.
    pub kind: &'static str,
    pub requester: String,
    pub target: String,
    /// BEP 44: `v`, `k`, `salt` and `seq`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
}

/// What all nodes were asked so far.
#[derive(Clone, Default)]
pub struct Requests(Arc<Mutex<VecDeque<Request>>>);

impl Requests {
    /// What one node puts in front of its store: it lets everything pass, and notes it.
    pub fn of_node(&self, node: usize) -> Box<dyn RequestFilter> {
        Box::new(Watch { node, seen: self.clone() })
    }

    /// Writes all requests to a file, one line of JSON each, and says how many they are. The file appears whole.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn dump(&self, path: &Path) -> std::io::Result<usize> {
        let requests: Vec<Request> = self.lock().iter().cloned().collect();
        let mut lines = Vec::new();
        for request in &requests {
            serde_json::to_writer(&mut lines, request)?;
            lines.push(b'\n');
        }
        let unfinished = path.with_extension("unfinished");
        std::fs::write(&unfinished, lines)?;
        std::fs::rename(&unfinished, path)?;
        Ok(requests.len())
    }

    fn note(&self, request: Request) {
        let mut requests = self.lock();
        if requests.len() >= KEPT {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Request>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[derive(Clone)]
struct Watch {
    node: usize,
    seen: Requests,
}

impl Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("node", &self.node).finish_non_exhaustive()
    }
}

impl RequestFilter for Watch {
    fn allow_request(&self, request: &RequestSpecific, from: SocketAddrV4) -> bool {
        // mainline keeps the request's types to itself, but for their `Debug`: that is the one way to their content.
        let text = format!("{request:?}");
        if let Some(kind) = kind(&text) {
            self.seen.note(Request {
                time_ms: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis()),
                node: self.node,
                from,
                kind,
                requester: id(&text, "requester_id: ").unwrap_or_default(),
                target: id(&text, "target: ").or_else(|| id(&text, "info_hash: ")).unwrap_or_default(),
                value: bytes(&text, " v: ["),
                key: bytes(&text, " k: ["),
                salt: bytes(&text, " salt: Some(["),
                sequence: number(&text, " seq: "),
            });
        }
        true
    }
}

/// `None` for what leaves nothing at a node: pings, and the search for nodes.
fn kind(text: &str) -> Option<&'static str> {
    let kinds = [
        ("PutMutableRequestArguments", "put_mutable"),
        ("PutImmutableRequestArguments", "put_immutable"),
        ("AnnouncePeerRequestArguments", "announce_peer"),
        ("GetValueRequestArguments", "get_value"),
        ("GetPeersRequestArguments", "get_peers"),
    ];
    kinds.into_iter().find_map(|(type_name, kind)| text.contains(type_name).then_some(kind))
}

fn id(text: &str, field: &str) -> Option<String> {
    let (_, rest) = text.split_once(field)?;
    Some(rest.strip_prefix("Id(")?.split_once(')')?.0.to_owned())
}

fn bytes(text: &str, field: &str) -> Option<String> {
    let (list, _) = text.split_once(field)?.1.split_once(']')?;
    let bytes = list.split(", ").filter(|byte| !byte.is_empty()).map(str::parse);
    Some(HEXLOWER.encode(&bytes.collect::<Result<Vec<u8>, _>>().ok()?))
}

fn number(text: &str, field: &str) -> Option<i64> {
    let rest = text.split_once(field)?.1;
    let rest = rest.strip_prefix("Some(").unwrap_or(rest);
    rest.split([',', ' ', ')']).next()?.parse().ok()
}
