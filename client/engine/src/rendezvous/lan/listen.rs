//! The thread that hears the LAN, and starts over where somebody fills the library's memory.

use std::{
    sync::atomic::Ordering::Relaxed,
    thread,
    time::{Duration, Instant},
};

use mdns_sd::{RecvTimeoutError, ServiceEvent};

use super::{PER_SECOND, SERVICE, Shared, daemon, instance::Sighting, unix_now};

const TICK: Duration = Duration::from_millis(500);
/// The library's memory of the LAN has no bound of its own: above so many records it is emptied.
const MAX_CACHED: i64 = 8192;
const CACHE_CHECK: Duration = Duration::from_secs(30);

impl Shared {
    /// The thread's life.
    pub(super) fn listen(&self) {
        let mut looked_at = (Instant::now(), 0);
        let mut checked = Instant::now();
        while !self.stop.load(Relaxed) {
            let browsing = self.lock().daemon.browse(SERVICE);
            let events = match browsing {
                Ok(events) => events,
                Err(error) => {
                    thread::sleep(TICK);
                    if error != mdns_sd::Error::Again {
                        self.start_over();
                    }
                    continue;
                }
            };
            while !self.stop.load(Relaxed) {
                match events.recv_timeout(TICK) {
                    Ok(event) => self.handle(event, &mut looked_at),
                    Err(RecvTimeoutError::Timeout) => {}
                    // Events came faster than we took them: ask again.
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                self.register(&mut self.lock());
                if checked.elapsed() >= CACHE_CHECK {
                    checked = Instant::now();
                    if self.is_flooded() && self.start_over() {
                        break;
                    }
                }
            }
        }
    }

    fn handle(&self, event: ServiceEvent, (second, count): &mut (Instant, u32)) {
        match event {
            ServiceEvent::ServiceResolved(service) => {
                if second.elapsed() >= Duration::from_secs(1) {
                    (*second, *count) = (Instant::now(), 0);
                }
                *count = count.saturating_add(1);
                if *count > PER_SECOND {
                    return;
                }
                let Some(sighting) = Sighting::read(|key| service.get_property_val(key).flatten()) else { return };
                let found = self.lock().recogniser.sighted(service.fullname.clone(), sighting, unix_now());
                self.tell(found);
            }
            ServiceEvent::ServiceRemoved(_, name) => self.lock().recogniser.gone(&name),
            _ => {}
        }
    }

    /// Whether somebody fills the library's memory.
    fn is_flooded(&self) -> bool {
        let Ok(metrics) = self.lock().daemon.get_metrics() else { return false };
        let Ok(metrics) = metrics.recv_timeout(TICK) else { return false };
        metrics.iter().filter(|(name, _)| name.starts_with("cached-")).map(|(_, n)| *n).sum::<i64>() > MAX_CACHED
    }

    /// With fresh sockets and an empty memory.
    fn start_over(&self) -> bool {
        let Ok(fresh) = daemon(&self.settings) else { return false };
        let mut state = self.lock();
        if self.stop.load(Relaxed) {
            let _ = fresh.shutdown();
            return false;
        }
        let flooded = std::mem::replace(&mut state.daemon, fresh);
        let _ = flooded.shutdown();
        state.announced.values_mut().for_each(|announcement| announcement.made = None);
        true
    }
}
