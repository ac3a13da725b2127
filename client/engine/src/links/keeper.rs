//! Keeps an endpoint that fits the machine's networks and has a relay that works, and tells when either changes. One task.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use iroh::{RelayUrl, Watcher, endpoint::RelayStatus};
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
use crate::{api::Network, rendezvous::Whereabouts, room::LinkId, wall::Wall};

/// How often interfaces are looked at, relays are thought about, and untold news is offered again.
const LOOK: Duration = Duration::from_secs(1);
/// While a relay is missing.
const LOOK_CLOSELY: Duration = Duration::from_millis(250);
/// Endpoints of former networks that are kept for links which still live; the oldest is closed first.
const FORMER: usize = 2;
/// An endpoint lasts at least so long before another takes its place at the same networks: each move shows, and whoever falls
/// silent again and again must not keep us moving.
const RENEWAL: Duration = Duration::from_secs(30);
/// Each move for a link in doubt doubles the time to the next one, up to this. After twice as long without a new endpoint for any
/// reason it starts over.
const SLOWEST_RENEWAL: Duration = Duration::from_secs(480);
/// A relay that is not connected for this long when a network comes is waited for no longer: iroh tries again after up to 16 s.
const WITHOUT_RELAY: Duration = Duration::from_secs(2);
/// Datagrams a second over relays with which another relay is kept ready. An idle link has fewer than five.
const BUSY: u64 = 20;
/// How long another relay is kept ready after that.
const READY: Duration = Duration::from_secs(30);

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
        match self.open(home, wall, &[]).await {
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
        let made = self.open(home, home.wall.clone(), &resting).await;
        made.inspect_err(|_| tracing::warn!("a relay failed, and no other endpoint could be opened yet")).ok()
    }

    /// Another endpoint of the same person, which takes calls from now on.
    async fn open(&self, home: &Home, wall: Wall, resting: &[RelayUrl]) -> io::Result<Home> {
        let home = home.bind_anew(&self.shared.ways, wall, resting).await?;
        tokio::spawn(callers::accept(home.clone(), self.shared.clone()));
        Ok(home)
    }

    /// A network that comes ends all waiting: everyone is dialled at once. What iroh waits for with the relay is left behind with
    /// its endpoint.
    async fn follow_interfaces(&mut self, home: &Home) -> Option<Home> {
        let interfaces = Interfaces::read();
        if home.wall.network() != Network::Internet || interfaces == self.interfaces {
            return None;
        }
        let are_up = interfaces.are_up();
        self.interfaces = interfaces;
        if !are_up {
            return None;
        }
        self.told.networks = false;
        // Its sockets roam by themselves, and what others name is judged by the networks that we are on now.
        self.home.send_modify(|home| home.wall = home.wall.anew());
        let waits = !home.relays.is_empty() && self.rota.without_home(Instant::now()) >= WITHOUT_RELAY;
        let lately = self.renewed.is_some_and(|renewed| renewed.elapsed() < WITHOUT_RELAY);
        if !waits || lately {
            return None;
        }
        self.renewed = Some(Instant::now());
        // The relay that failed while there was no network is as good as any other.
        self.rota = Rota::new(Instant::now(), home.relays.clone());
        let made = self.open(home, home.wall.anew(), &[]).await;
        made.inspect_err(|_| tracing::warn!("a network came, and no endpoint could be opened there yet")).ok()
    }

    /// A relayed link hears nothing: another endpoint takes over at another relay, and the room is told to dial from there. The
    /// link stays until another has taken its place, so a false alarm costs no more than that. A relay that other links go over
    /// is no other relay: they would end, for one relay knows one endpoint by a key.
    async fn on_doubt(&mut self, home: &Home, doubt: Doubt) -> Option<Home> {
        if !home.register.holds(doubt.link) {
            self.doubted.push(doubt.link);
            return None;
        }
        let mut used = home.register.relays();
        used.extend(doubt.relay.clone());
        let another = home.relays.iter().any(|relay| !used.contains(relay));
        let since = self.renewed.map(|renewed| renewed.elapsed());
        if !another || since.is_some_and(|since| since < self.renewal) {
            return None;
        }
        let often = since.is_some_and(|since| since < 2 * SLOWEST_RENEWAL);
        self.renewal = if often { (self.renewal * 2).min(SLOWEST_RENEWAL) } else { RENEWAL };
        self.renewed = Some(Instant::now());
        if let Some(relay) = &doubt.relay {
            self.rota.rest(Instant::now(), relay);
        }
        let made = match self.standby.home.take().filter(|standby| connected_relay(standby).is_some()) {
            Some(standby) => standby,
            None => {
                used.extend(self.rota.resting());
                self.open(home, home.wall.clone(), &used).await.ok()?
            }
        };
        self.doubted.push(doubt.link);
        Some(made)
    }

    /// Keeps another relay connected while media goes over relays. One relay knows one endpoint by a key, and an endpoint without
    /// a relay may yet come to any of them: so there is a standby only beside one whose relay is known, at a relay it does not use.
    async fn keep_standby(&mut self, home: &Home) {
        let received = home.register.received_over_relays();
        if received.saturating_sub(self.standby.received) >= BUSY {
            self.standby.busy = Some(Instant::now());
        }
        self.standby.received = received;
        let busy = self.standby.busy.is_some_and(|busy| busy.elapsed() < READY);
        let connected = connected_relay(home);
        let mut used = home.register.relays();
        used.extend(connected.clone());
        if let Some(standby) = &self.standby.home {
            let disturbs = connected_relay(standby).is_some_and(|relay| used.contains(&relay));
            if disturbs || !busy && standby.register.is_empty() {
                close(standby);
                self.standby.home = None;
            }
        } else if busy
            && connected.is_some()
            && home.relays.iter().any(|relay| !used.contains(relay) && !self.rota.rests(relay))
        {
            used.extend(self.rota.resting());
            self.standby.home = self.open(home, home.wall.clone(), &used).await.ok();
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

fn connected_relay(home: &Home) -> Option<RelayUrl> {
    let homes = home.endpoint.home_relay_status().get();
    homes.into_iter().find(RelayStatus::is_connected).map(|relay| relay.url().clone())
}

fn sight(status: &[RelayStatus]) -> Sight<'_> {
    match status.first() {
        None => Sight::Nothing,
        Some(home) if home.is_connected() => Sight::Connected(home.url()),
        Some(home) if home.last_error().is_some() => Sight::Failed(home.url()),
        Some(home) => Sight::Connecting(home.url()),
    }
}
