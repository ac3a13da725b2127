//! The rendezvous of one session: publishes where each room's links are and looks for those who are away.

mod search;
mod work;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use crate::{
    api::{Help, Network, NetworkSettings, RoomId},
    rendezvous::{
        Whereabouts,
        dht::{Dht, DhtSettings, Health, MAX_BOOTSTRAP},
        schedule::{Moment, PairId, Schedule},
    },
    room::{Pair, Whom},
    wall::Wall,
};
use search::Search;

/// Answers of the DHT that wait for us.
const ANSWERS: usize = 64;
/// Nodes of the DHT that are remembered for the next run.
const KNOWN: usize = 8;
/// How often the pairs of all rooms are looked at.
pub(super) const SYNC: Duration = Duration::from_secs(1);

pub(super) enum Sought {
    Found {
        room: RoomId,
        whom: Whom,
        at: Whereabouts,
    },
    /// A contact's record comes from the future: their clock is wrong, or ours.
    Ahead,
    /// The DHT or the local network is better or worse off than before.
    Health,
}

struct Known {
    pair: Pair,
    at: Whereabouts,
    /// Announced on the LAN as this.
    announced: Option<Whereabouts>,
}

enum Answer {
    Found { pair: PairId, at: Whereabouts },
    Failed { pair: PairId, day: u64 },
    Ahead,
}

pub(super) struct Seeker {
    dht: Option<Arc<Dht>>,
    lan: Option<Search>,
    wants_lan: bool,
    schedule: Schedule,
    pairs: BTreeMap<PairId, (RoomId, Known)>,
    names: BTreeMap<(RoomId, Whom), PairId>,
    next: u64,
    answers: mpsc::Receiver<Answer>,
    answer: mpsc::Sender<Answer>,
    health: Health,
}

impl Seeker {
    /// `None` where the settings leave nothing to search with. `known` are nodes of the DHT from a former run: with them it
    /// can be entered when the bootstrap nodes are dead.
    pub fn start(settings: &NetworkSettings, wall: &Wall, known: Vec<String>) -> Option<Self> {
        let local = settings.network == Network::Local;
        // The DHT is asked from the open Internet, or from loopback where tests have their own.
        let may_ask = local || settings.network == Network::Internet;
        let dht_settings = DhtSettings {
            bootstrap: if may_ask { with_known(&settings.dht_bootstrap, known, local) } else { Vec::new() },
            bind: local.then_some(Ipv4Addr::LOCALHOST),
            port: 0,
        };
        // What the DHT stores it stores with our address: whoever hides theirs stays out of it.
        let wants_dht = !dht_settings.bootstrap.is_empty() && !settings.hide_address;
        let dht = wants_dht
            .then(|| Dht::start(dht_settings))
            .and_then(|dht| dht.inspect_err(|why| tracing::error!(%why, "the DHT cannot be used")).ok().map(Arc::new));
        // What a LAN's neighbours hear, they hear from our address.
        let wants_lan = settings.lan && !local && !settings.hide_address;
        let lan = if wants_lan { Search::start(wall) } else { None };
        if dht.is_none() && !wants_lan {
            return None;
        }
        let mut seed = [0; 8];
        // Jitter needs to be different, not secret.
        let _ = aws_lc_rs::rand::fill(&mut seed);
        let (answer, answers) = mpsc::channel(ANSWERS);
        Some(Self {
            dht,
            lan,
            wants_lan,
            schedule: Schedule::new(u64::from_be_bytes(seed)),
            pairs: BTreeMap::new(),
            names: BTreeMap::new(),
            next: 0,
            answers,
            answer,
            health: Health::Starting,
        })
    }

    pub fn dht(&self) -> Help {
        match self.dht.as_ref().map(|dht| dht.health()) {
            None | Some(Health::Off) => Help::Off,
            Some(Health::Starting) => Help::Trying,
            Some(Health::Reached { .. }) => Help::Works,
            Some(Health::Unreachable) => Help::Unreachable,
        }
    }

    /// Some nodes of the DHT that answer.
    pub fn known_nodes(&self) -> Vec<String> {
        let mut known = self.dht.as_ref().map(|dht| dht.known_nodes()).unwrap_or_default();
        known.truncate(KNOWN);
        known
    }

    pub fn lan(&self) -> bool {
        self.lan.is_some()
    }

    /// Whether a contact's record on the local network came from the future since this was asked last.
    pub fn take_ahead(&self) -> bool {
        self.lan.as_ref().is_some_and(|search| search.lan.take_ahead())
    }

    pub fn deadline(&self) -> Instant {
        self.schedule.next(moment(Instant::now()))
    }

    /// Brings what is published and searched in line with the pairs that there are.
    pub fn sync(&mut self, now: Instant, pairs: impl Iterator<Item = (RoomId, Pair, Whereabouts)>) {
        let moment = moment(now);
        let mut gone = std::mem::take(&mut self.names);
        for (room, pair, at) in pairs {
            let name = (room, pair.whom);
            let id = match gone.remove(&name) {
                // The secret of two may have been made anew.
                Some(id) if self.pairs.get(&id).is_some_and(|(_, known)| known.pair.secret == pair.secret) => id,
                former => {
                    if let Some(id) = former {
                        self.forget(id);
                    }
                    self.next += 1;
                    let id = PairId(self.next);
                    if self.schedule.add(id, pair.secret.clone(), pair.side, moment).is_err() {
                        tracing::warn!("there are too many contacts to search for all of them");
                        continue;
                    }
                    if let Some(Search { lan, .. }) = &self.lan
                        && let Err(why) = lan.look_for(id, &pair.secret, pair.side)
                    {
                        tracing::warn!(%why, "somebody is not searched on the local network");
                    }
                    id
                }
            };
            self.names.insert(name, id);
            let former = self.pairs.remove(&id).map(|(_, known)| known);
            if former.as_ref().is_some_and(|former| former.at != at) {
                self.schedule.moved_for(id, moment);
            }
            let announced = former.and_then(|former| former.announced);
            self.schedule.linked(id, pair.present, moment);
            self.schedule.want(id, pair.wanted, moment);
            self.pairs.insert(id, (room, Known { pair, at, announced }));
            self.announce(id);
        }
        for id in gone.into_values() {
            self.forget(id);
        }
    }

    fn announce(&mut self, id: PairId) {
        let (Some(Search { lan, .. }), Some((_, known))) = (&self.lan, self.pairs.get_mut(&id)) else {
            return;
        };
        if known.announced.as_ref() != Some(&known.at) {
            match lan.announce(id, &known.pair.secret, known.pair.side, known.at.clone()) {
                Ok(()) => known.announced = Some(known.at.clone()),
                Err(why) => tracing::debug!(%why, "somebody is not announced on the local network"),
            }
        }
    }

    fn forget(&mut self, id: PairId) {
        self.schedule.remove(id);
        self.pairs.remove(&id);
        if let Some(Search { lan, .. }) = &self.lan {
            lan.forget(id);
            lan.withdraw(id);
        }
    }

    /// The machine is on other networks than before.
    pub fn moved(&mut self, now: Instant, wall: &Wall) {
        self.schedule.moved(moment(now));
        if let Some(dht) = &self.dht {
            dht.network_changed();
        }
        if self.wants_lan && self.lan.as_ref().is_none_or(|search| !search.is_of(wall)) {
            self.lan = Search::start(wall);
            if let Some(Search { lan, .. }) = &self.lan {
                for (id, (_, known)) in &mut self.pairs {
                    known.announced = None;
                    if let Err(why) = lan.look_for(*id, &known.pair.secret, known.pair.side) {
                        tracing::warn!(%why, "somebody is not searched on the local network");
                    }
                }
            }
        }
    }

    fn found(&self, pair: PairId, at: Whereabouts) -> Option<Sought> {
        let (room, known) = self.pairs.get(&pair)?;
        // Our own announcement is no find: another endpoint answers there.
        (at.endpoint != known.at.endpoint).then_some(Sought::Found { room: *room, whom: known.pair.whom, at })
    }
}

/// Whoever names no bootstrap nodes wants no DHT, whatever a former run knew.
fn with_known(named: &[String], known: Vec<String>, local: bool) -> Vec<String> {
    // A former run may have been behind another wall.
    let allowed = |node: &String| !local || node.parse::<SocketAddr>().is_ok_and(|node| node.ip().is_loopback());
    match named {
        [] => Vec::new(),
        named => {
            let room = KNOWN.min(MAX_BOOTSTRAP.saturating_sub(named.len()));
            named.iter().cloned().chain(known.into_iter().filter(allowed).take(room)).collect()
        }
    }
}

/// What the search has found next; never, without a seeker.
pub(super) async fn next(seeker: &mut Option<Seeker>) -> Sought {
    let Some(seeker) = seeker else {
        return std::future::pending().await;
    };
    loop {
        let health = async {
            match &seeker.dht {
                Some(dht) => dht.other_health(seeker.health).await,
                None => std::future::pending().await,
            }
        };
        let lan = async {
            match &mut seeker.lan {
                Some(Search { finds, .. }) => match finds.recv().await {
                    Some(found) => found,
                    None => std::future::pending().await,
                },
                None => std::future::pending().await,
            }
        };
        let sought = tokio::select! {
            Some(answer) = seeker.answers.recv() => match answer {
                Answer::Found { pair, at } => seeker.found(pair, at),
                Answer::Ahead => Some(Sought::Ahead),
                Answer::Failed { pair, day } => {
                    seeker.schedule.failed(pair, day, moment(Instant::now()));
                    None
                }
            },
            found = lan => seeker.found(found.pair, found.whereabouts),
            health = health => {
                seeker.health = health;
                let reached = matches!(health, Health::Reached { .. });
                seeker.schedule.reachable(reached, moment(Instant::now()));
                Some(Sought::Health)
            }
        };
        if let Some(sought) = sought {
            return sought;
        }
    }
}

fn moment(now: Instant) -> Moment {
    Moment { now, unix: super::unix_s() }
}
