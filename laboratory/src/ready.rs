//! What a script reads from standard output, and the signals that it sends.

use serde::Serialize;

/// Prints one line of JSON at once, so that a reader of a pipe sees it when it is true.
///
/// # Errors
/// When standard output is closed.
pub fn say(line: &impl Serialize) -> std::io::Result<()> {
    use std::io::Write;
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&text)?;
    out.flush()
}

/// What a script wants of a running service.
pub enum Wanted {
    Dump,
    Stop,
}

/// Listens for SIGUSR1 (dump), SIGTERM and SIGINT (stop). Where there are no such signals, Ctrl-C stops.
pub struct Signals {
    #[cfg(unix)]
    dump: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// # Errors
    /// When the system refuses a handler.
    pub fn listen() -> std::io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { dump: signal(SignalKind::user_defined1())?, terminate: signal(SignalKind::terminate())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// The next thing that is wanted. Cancel safe.
    pub async fn next(&mut self) -> Wanted {
        #[cfg(unix)]
        tokio::select! {
            _ = self.dump.recv() => Wanted::Dump,
            _ = self.terminate.recv() => Wanted::Stop,
            _ = tokio::signal::ctrl_c() => Wanted::Stop,
        }
        #[cfg(not(unix))]
        {
            // No handler, no way to be told: then it is better to stop than to run for ever.
            let _ = tokio::signal::ctrl_c().await;
            Wanted::Stop
        }
    }
}
