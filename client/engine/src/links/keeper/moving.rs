//! When another endpoint takes over: other networks, a relay that refuses us, a link in doubt. One may stand by for that.

use std::{
    io,
    time::{Duration, Instant},
};

use iroh::{RelayUrl, Watcher, endpoint::RelayStatus};

use super::{Keeper, RENEWAL, close};
use crate::{
    api::Network,
    links::{Doubt, callers, endpoint::Home, interfaces::Interfaces, rota::Rota},
    wall::Wall,
};

/// Each move for a link in doubt doubles the time to the next one, up to this. After twice as long without a new endpoint for any
/// reason it starts over.
const SLOWEST_RENEWAL: Duration = Duration::from_secs(480);
/// A relay that is not connected for this long when a network comes is waited for no longer: iroh tries again after up to 16 s.
const WITHOUT_RELAY: Duration = Duration::from_secs(2);
/// Datagrams a second over relays with which another relay is kept ready. An idle link has fewer than five.
const BUSY: u64 = 20;
/// How long another relay is kept ready after that.
const READY: Duration = Duration::from_secs(30);

impl Keeper {
    /// Sockets that are bound to addresses do not follow the machine into another network. Those that are not, do.
    pub(super) async fn move_if_needed(&mut self, home: &Home) -> Option<Home> {
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
    pub(super) async fn renew_if_needed(&mut self, home: &Home) -> Option<Home> {
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
    pub(super) async fn follow_interfaces(&mut self, home: &Home) -> Option<Home> {
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
    pub(super) async fn on_doubt(&mut self, home: &Home, doubt: Doubt) -> Option<Home> {
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
    pub(super) async fn keep_standby(&mut self, home: &Home) {
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
}

fn connected_relay(home: &Home) -> Option<RelayUrl> {
    let homes = home.endpoint.home_relay_status().get();
    homes.into_iter().find(RelayStatus::is_connected).map(|relay| relay.url().clone())
}
