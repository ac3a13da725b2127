//! Keeps an endpoint that fits the machine's networks and has a relay that works, and tells when either changes. One task.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use iroh::{Watcher, endpoint::RelayStatus};
use tokio::{
    sync::{Notify, mpsc::error::TrySendError, oneshot, watch},
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    FAREWELL, LINKS, LinkEvent, RelayState, Shared, callers,
    endpoint::{Home, relay_config},
    rota::{Rota, Sight, Step},
};
use crate::{api::Network, rendezvous::Whereabouts};

/// How often interfaces are looked at, relays are thought about, and untold news is offered again.
const LOOK: Duration = Duration::from_secs(1);
/// While a relay is missing.
const LOOK_CLOSELY: Duration = Duration::from_millis(250);
/// Endpoints of former networks that are kept for links which still live; the oldest is closed first.
const FORMER: usize = 2;
/// An endpoint lasts at least so long before another takes its place at the same networks: each move shows, and whoever falls
/// silent again and again must not keep us moving.
const RENEWAL: Duration = Duration::from_secs(30);

pub(super) struct Keeper {
    shared: Shared,
    home: watch::Sender<Home>,
    former: Vec<Home>,
    changed: Arc<Notify>,
    rota: Rota,
    renewed: Option<Instant>,
    told: Told,
}

/// What the room knows already.
struct Told {
    whereabouts: Whereabouts,
    relay: Option<RelayState>,
}

/// Why the watch over one endpoint ends.
enum End {
    Stopped,
    Moved(Home),
}

impl Keeper {
    pub fn new(shared: Shared, home: Home, changed: Arc<Notify>) -> (Self, watch::Receiver<Home>) {
        tokio::spawn(callers::accept(home.clone(), shared.clone()));
        let rota = Rota::new(Instant::now(), home.relays.clone());
        let told = Told { whereabouts: home.whereabouts(&shared.ways), relay: None };
        let (home, watched) = watch::channel(home);
        (Self { shared, home, former: Vec::new(), changed, rota, renewed: None, told }, watched)
    }

    /// Runs until told to stop, or until nobody is left to tell it.
    pub async fn keep(mut self, mut stop: oneshot::Receiver<()>) {
        while let End::Moved(home) = self.watch(&mut stop).await {
            tokio::spawn(callers::accept(home.clone(), self.shared.clone()));
            if home.wall != self.home.borrow().wall {
                self.rota = Rota::new(Instant::now(), home.relays.clone());
            }
            self.former.push(self.home.send_replace(home));
            self.close_former();
        }
        self.farewell().await;
    }

    async fn watch(&mut self, stop: &mut oneshot::Receiver<()>) -> End {
        let home = self.home.borrow().clone();
        let (mut relay, mut addresses) = (home.endpoint.home_relay_status(), home.endpoint.watch_addr());
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut closely = interval(LOOK_CLOSELY);
        closely.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            self.rota.saw(Instant::now(), sight(&relay.get()));
            while let Some(step) = self.rota.step(Instant::now()) {
                self.carry_out(&home, step).await;
            }
            self.tell(&home);
            tokio::select! {
                _ = &mut *stop => return End::Stopped,
                Ok(_) = relay.updated() => {}
                Ok(_) = addresses.updated() => {}
                _ = closely.tick(), if !matches!(self.rota.state(), None | Some(RelayState::Connected)) => {}
                _ = look.tick() => {
                    if let Some(home) = self.move_if_needed(&home).await {
                        return End::Moved(home);
                    }
                    if let Some(home) = self.renew_if_needed(&home).await {
                        return End::Moved(home);
                    }
                }
                () = home.register.stranded() => {
                    if let Some(home) = self.renew_if_needed(&home).await {
                        return End::Moved(home);
                    }
                }
                () = self.changed.notified() => {
                    if let Some(home) = self.move_if_needed(&home).await {
                        return End::Moved(home);
                    }
                    home.endpoint.network_change().await;
                }
            }
        }
    }

    /// Sockets that are bound to addresses do not follow the machine into another network. Those that are not, do.
    async fn move_if_needed(&mut self, home: &Home) -> Option<Home> {
        self.close_former();
        if home.wall.network() == Network::Internet {
            return None;
        }
        let wall = home.wall.anew();
        if wall == home.wall {
            return None;
        }
        match home.bind_anew(&self.shared.ways, wall, &[]).await {
            Ok(home) => Some(home),
            // Interfaces come up piece by piece; the next look may find them ready.
            Err(_) => {
                tracing::warn!("the networks changed, but no socket could be opened there yet");
                None
            }
        }
    }

    /// An endpoint does not get over a relay that refuses it: what iroh holds for that one, until it is back, holds up what
    /// goes over all others. Another endpoint holds nothing.
    async fn renew_if_needed(&mut self, home: &Home) -> Option<Home> {
        let lately = self.renewed.is_some_and(|renewed| renewed.elapsed() < RENEWAL);
        if lately || !home.register.wants_another_endpoint() {
            return None;
        }
        self.renewed = Some(Instant::now());
        let resting = self.rota.resting();
        let made = home.bind_anew(&self.shared.ways, home.wall.clone(), &resting).await;
        made.inspect_err(|_| tracing::warn!("a relay failed, and no other endpoint could be opened yet")).ok()
    }

    /// Closes former endpoints that nobody talks over any more, or whose relays now lie outside the wall.
    fn close_former(&mut self) {
        let wall = self.home.borrow().wall.clone();
        let surplus = self.former.len().saturating_sub(FORMER);
        let mut position = 0;
        self.former.retain(|former| {
            position += 1;
            let useful = !former.register.is_empty() && former.relays.iter().all(|relay| wall.permits_relay(relay));
            let keep = useful && position > surplus;
            if !keep {
                let endpoint = former.endpoint.clone();
                tokio::spawn(async move { endpoint.close().await });
            }
            keep
        });
    }

    async fn carry_out(&self, home: &Home, step: Step) {
        match step {
            Step::Remove(relay) => {
                tracing::info!("the relay does not answer; another is tried");
                home.endpoint.remove_relay(&relay).await;
                self.shared.lost.send_replace(Some(relay));
            }
            Step::Insert(relay) => {
                let config = relay_config(&self.shared.ways, &home.wall, &relay);
                home.endpoint.insert_relay(relay, Arc::new(config)).await;
            }
        }
    }

    /// Tells what the room does not know yet. News that finds the queue full is offered again at the next look.
    fn tell(&mut self, home: &Home) {
        let whereabouts = home.whereabouts(&self.shared.ways);
        if whereabouts != self.told.whereabouts && self.offer(LinkEvent::Whereabouts) {
            self.told.whereabouts = whereabouts;
        }
        if let Some(relay) = self.rota.state()
            && self.told.relay != Some(relay)
            && self.offer(LinkEvent::Relay(relay))
        {
            self.told.relay = Some(relay);
        }
    }

    fn offer(&self, event: LinkEvent) -> bool {
        !matches!(self.shared.events.try_send(event), Err(TrySendError::Full(_)))
    }

    /// Lets every link say what it still has to say, then closes.
    async fn farewell(self) {
        let homes: Vec<_> = self.former.iter().cloned().chain([self.home.borrow().clone()]).collect();
        let said = async {
            for home in &homes {
                let _ = home.links.acquire_many(LINKS as u32).await;
            }
        };
        let _ = timeout(FAREWELL, said).await;
        let closed = async {
            for home in &homes {
                home.endpoint.close().await;
            }
        };
        let _ = timeout(FAREWELL, closed).await;
    }
}

fn sight(status: &[RelayStatus]) -> Sight<'_> {
    match status.first() {
        None => Sight::Nothing,
        Some(home) if home.is_connected() => Sight::Connected(home.url()),
        Some(home) if home.last_error().is_some() => Sight::Failed(home.url()),
        Some(home) => Sight::Connecting(home.url()),
    }
}
