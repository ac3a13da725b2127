//! Keeps an endpoint that fits the machine's networks and has a relay that works, and tells when either changes. One task.

mod moving;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use iroh::{Watcher, endpoint::RelayStatus};
use tokio::{
    sync::{
        Notify,
        mpsc::{self, error::TrySendError},
        oneshot, watch,
    },
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    Doubt, FAREWELL, LINKS, LinkEvent, RelayState, Shared, callers,
    endpoint::{Home, relay_config},
    interfaces::Interfaces,
    rota::{Rota, Sight, Step},
};
use crate::{rendezvous::Whereabouts, room::LinkId};

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
    renewal: Duration,
    interfaces: Interfaces,
    doubts: mpsc::Receiver<Doubt>,
    /// Links in doubt that the room does not know of yet.
    doubted: Vec<LinkId>,
    standby: Standby,
    told: Told,
}

/// An endpoint at another relay, connected before it is needed: it takes over when what comes over the relay in use stops.
#[derive(Default)]
struct Standby {
    home: Option<Home>,
    received: u64,
    busy: Option<Instant>,
}

/// What the room knows already.
struct Told {
    whereabouts: Whereabouts,
    relay: Option<RelayState>,
    /// Whether it knows that a network came.
    networks: bool,
}

/// Why the watch over one endpoint ends.
enum End {
    Stopped,
    Moved(Home),
}

impl Keeper {
    pub fn new(
        shared: Shared,
        home: Home,
        changed: Arc<Notify>,
        doubts: mpsc::Receiver<Doubt>,
    ) -> (Self, watch::Receiver<Home>) {
        tokio::spawn(callers::accept(home.clone(), shared.clone()));
        let rota = Rota::new(Instant::now(), home.relays.clone());
        let told = Told { whereabouts: home.whereabouts(&shared.ways), relay: None, networks: true };
        let (home, watched) = watch::channel(home);
        let keeper = Self {
            shared,
            home,
            former: Vec::new(),
            changed,
            rota,
            renewed: None,
            renewal: RENEWAL,
            interfaces: Interfaces::read(),
            doubts,
            doubted: Vec::new(),
            standby: Standby::default(),
            told,
        };
        (keeper, watched)
    }

    /// Runs until told to stop, or until nobody is left to tell it.
    pub async fn keep(mut self, mut stop: oneshot::Receiver<()>) {
        while let End::Moved(home) = self.watch(&mut stop).await {
            if home.wall != self.home.borrow().wall {
                self.rota = Rota::new(Instant::now(), home.relays.clone());
            }
            self.former.push(self.home.send_replace(home));
            self.close_former();
        }
        self.farewell().await;
    }

    async fn watch(&mut self, stop: &mut oneshot::Receiver<()>) -> End {
        let mut home = self.home.borrow().clone();
        let (mut relay, mut addresses) = (home.endpoint.home_relay_status(), home.endpoint.watch_addr());
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut closely = interval(LOOK_CLOSELY);
        closely.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            home.wall = self.home.borrow().wall.clone();
            self.rota.saw(Instant::now(), sight(&relay.get()));
            while let Some(step) = self.rota.step(Instant::now()) {
                self.carry_out(&home, step).await;
            }
            self.tell(&home);
            tokio::select! {
                _ = &mut *stop => return End::Stopped,
                Ok(_) = relay.updated() => {}
                Ok(_) = addresses.updated() => {}
                _ = closely.tick(), if !matches!(self.rota.state(), None | Some(RelayState::Connected)) => {
                    if let Some(home) = self.follow_interfaces(&home).await {
                        return End::Moved(home);
                    }
                }
                _ = look.tick() => {
                    if let Some(home) = self.follow_interfaces(&home).await {
                        return End::Moved(home);
                    }
                    self.keep_standby(&home).await;
                    if let Some(home) = self.move_if_needed(&home).await {
                        return End::Moved(home);
                    }
                    if let Some(home) = self.renew_if_needed(&home).await {
                        return End::Moved(home);
                    }
                }
                Some(doubt) = self.doubts.recv() => {
                    if let Some(home) = self.on_doubt(&home, doubt).await {
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
                close(former);
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
        let is_news = whereabouts != self.told.whereabouts || !self.told.networks;
        if is_news && self.offer(LinkEvent::Whereabouts) {
            (self.told.whereabouts, self.told.networks) = (whereabouts, true);
        }
        let mut doubted = std::mem::take(&mut self.doubted);
        doubted.retain(|link| !self.offer(LinkEvent::Doubtful { link: *link }));
        self.doubted = doubted;
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
        let homes = self.former.iter().cloned().chain([self.home.borrow().clone()]).chain(self.standby.home.clone());
        let homes: Vec<_> = homes.collect();
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

fn close(home: &Home) {
    let endpoint = home.endpoint.clone();
    tokio::spawn(async move { endpoint.close().await });
}

fn sight(status: &[RelayStatus]) -> Sight<'_> {
    match status.first() {
        None => Sight::Nothing,
        Some(home) if home.is_connected() => Sight::Connected(home.url()),
        Some(home) if home.last_error().is_some() => Sight::Failed(home.url()),
        Some(home) => Sight::Connecting(home.url()),
    }
}
