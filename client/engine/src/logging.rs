//! Logs: our own crates only, and nothing of people in them.
//!
//! Libraries log addresses and keys at their finer levels, so their targets stay off whatever the variable says.

use tracing::{Level, Subscriber};
use tracing_subscriber::{
    Layer, filter::Targets, fmt::MakeWriter, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

const OURS: [&str; 4] = ["engine", "media", "group_crypto", "incamera"];

/// Writes to stderr what `INCAMERA_LOG` asks for: `error` (the default), `warn`, `info`, `debug` or `trace`.
pub fn to_stderr() {
    let level = std::env::var("INCAMERA_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(Level::ERROR);
    // A second call finds the first one's subscriber in place, which is as good.
    let _ = subscriber(level, std::io::stderr).try_init();
}

/// The same for any writer.
pub fn subscriber<W>(level: Level, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let ours = Targets::new().with_targets(OURS.map(|target| (target, level)));
    registry().with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer).with_filter(ours))
}
