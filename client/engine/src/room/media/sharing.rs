//! Our own pictures: which layer of the camera goes to whom, who gets the screen, and what is encoded at all.

use std::time::{Duration, Instant};

use ::media::{
    Ladder, Lane, Layer, Stream,
    congestion::Report,
    uplink::{self, Crowd, Plan},
};
use group_crypto::MemberId;

use super::{Media, MediaView, Output, carrying::Carrying, path::MediaPath};
use crate::room::wire::Heights;

/// How often the uplink is shared out anew.
const EVERY: Duration = Duration::from_millis(100);
/// Video leaves faster than the path carries by so many halves: what waits here is as late as what waits in a router.
const PACE_HALVES: u64 = 3;
/// A keyframe of the layer that a member is to get is asked for again after this.
const PATIENCE: Duration = Duration::from_millis(500);

/// How our uplink is shared.
pub(super) struct Uplink {
    shares: uplink::Uplink<MemberId>,
    looked: Option<Instant>,
    told: [Option<u32>; Layer::COUNT],
    /// When a keyframe of a layer was asked for, for somebody who changes to it.
    asked: [Option<Instant>; Layer::COUNT],
    screen_told: Option<u32>,
    screen_asked: Option<Instant>,
}

impl Uplink {
    pub fn new(ladder: Ladder) -> Self {
        Self {
            shares: uplink::Uplink::new(ladder),
            looked: None,
            told: [None; Layer::COUNT],
            asked: [None; Layer::COUNT],
            screen_told: None,
            screen_asked: None,
        }
    }

    /// Nothing goes to a member any more.
    pub fn forget(&mut self, member: MemberId) {
        self.shares.remove(member);
    }

    pub fn speak(&mut self, speaking: bool) {
        self.shares.speak(speaking);
    }

    /// Somebody gets much less than they want.
    pub fn is_short(&self) -> bool {
        self.shares.is_short()
    }

    /// Everybody gets all that they want.
    pub fn is_content(&self) -> bool {
        self.shares.is_content()
    }

    /// Bits per second that could go to each of these beside what is sent.
    pub fn spare(&self, members: impl Iterator<Item = MemberId>) -> Option<u64> {
        self.shares.spare(members)
    }

    /// What they get who get least of the camera, in kilobits per second.
    pub fn thinnest_kbps(&self) -> u32 {
        let plan = self.shares.planned();
        let kbps = |layer: &Option<Layer>| layer.and_then(|layer| plan.rates[layer.index()]).unwrap_or(0);
        plan.layers.values().map(kbps).min().unwrap_or(0)
    }

    /// A keyframe of the screen goes out.
    pub fn screen_begins(&mut self) {
        self.screen_asked = None;
    }

    pub fn screen_sent(&mut self, now: Instant, bytes: usize) {
        self.shares.screen_sent(now, bytes);
    }

    pub fn camera_sent(&mut self, now: Instant) {
        self.shares.camera_sent(now);
    }

    /// A keyframe of a layer goes out.
    pub fn layer_begins(&mut self, layer: Layer) {
        self.asked[layer.index()] = None;
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self.looked.is_none_or(|at| now >= at + EVERY);
        if is_due {
            self.looked = Some(now);
        }
        is_due
    }

    /// Whether a keyframe of a layer is to be asked for, for a member who changes to it.
    fn asks_for(&mut self, now: Instant, layer: Layer) -> bool {
        let asked = &mut self.asked[layer.index()];
        let asks = asked.is_none_or(|at| now >= at + PATIENCE);
        if asks {
            *asked = Some(now);
        }
        asks
    }

    fn asks_for_screen(&mut self, now: Instant) -> bool {
        let asks = self.screen_asked.is_none_or(|at| now >= at + PATIENCE);
        if asks {
            self.screen_asked = Some(now);
        }
        asks
    }

    /// What is to be encoded of the screen and the camera, where that is another than was told last.
    fn tell(&mut self, screen: Option<u32>, rates: [Option<u32>; Layer::COUNT]) -> impl Iterator<Item = Output> {
        let screen = (std::mem::replace(&mut self.screen_told, screen) != screen).then_some(Output::Screen(screen));
        let layers = (std::mem::replace(&mut self.told, rates) != rates).then_some(Output::Layers(rates));
        screen.into_iter().chain(layers)
    }
}

impl Media {
    pub(super) fn on_want(&mut self, at: MediaView<'_>, from: MemberId, wants: Heights) {
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.wants = wants;
            self.share_uplink_anew(at);
        }
    }

    /// What is wanted or shared has changed.
    pub fn share_uplink_anew(&mut self, at: MediaView<'_>) {
        self.uplink.looked = None;
        self.share_uplink(at);
    }

    /// What a member tells of the path to them.
    pub(super) fn on_report(&mut self, at: MediaView<'_>, by: MemberId, report: &Report) {
        let now = at.now();
        let paths = self.peers.iter().filter_map(|(id, peer)| Some((*id, peer.path.as_ref()?)));
        let queued = paths.filter(|(id, path)| *id != by && path.outbound.control.is_queued(now));
        let rates: Vec<_> = queued.map(|(_, path)| path.outbound.control.rate()).collect();
        let others: Vec<_> = self.all_live(at).filter(|(id, ..)| *id != by).map(|(.., path)| path).collect();
        let is_alone = match others.len() {
            0 => false,
            // Of two, the other's queue may only be about to grow.
            1 => rates.is_empty() && others.iter().all(|path| path.outbound.control.is_calm()),
            // It is this path's own, or no more than what few of many say.
            others => 2 * (rates.len() + 1) <= others + 1,
        };
        let Some(path) = self.path_mut(by) else {
            return;
        };
        let control = &mut path.outbound.control;
        let crowd = (rates.iter().sum::<u64>() + control.rate()) / (rates.len() as u64 + 1);
        let fell = control.reported(now, report, (!rates.is_empty()).then_some(crowd));
        if fell && is_alone {
            self.uplink.shares.crowded_alone(by);
        } else if fell {
            self.uplink.shares.crowded(if rates.is_empty() { Crowd::One } else { Crowd::All });
            self.carrying.crowded(now);
        }
    }

    /// Decides who gets which layer, asks for the keyframes with which they begin, and says what is to be encoded.
    pub(super) fn share_uplink(&mut self, at: MediaView<'_>) {
        if !self.uplink.is_due(at.now()) {
            return;
        }
        self.tell_shares(at);
        let screen = at.streams.screen.then_some(at.screen_kbps);
        self.uplink.shares.share_screen(screen);
        self.uplink.shares.plan(at.now());
        let plan = self.uplink.shares.planned().clone();
        let mut rates = plan.rates;
        for (id, peer) in &mut self.peers {
            let Some(path) = peer.path.as_mut().filter(|path| path.connected && at.is_in_call(*id)) else {
                continue;
            };
            path.outbound.control.allow(self.uplink.shares.allows(*id));
            path.follow_plan(*id, &plan, &self.carrying);
            let outbound = &path.outbound;
            if outbound.gets_screen && !outbound.sends_screen && self.uplink.asks_for_screen(at.now()) {
                self.out.push_back(Output::ScreenKeyframeWanted);
            }
            if let Some(target) = outbound.target.filter(|_| outbound.target != outbound.sends)
                && self.uplink.asks_for(at.now(), target)
            {
                self.out.push_back(Output::KeyframeWanted(target));
            }
            // Until the new layer has begun the old one goes on.
            if let Some(layer) = outbound.sends {
                let rate = &mut rates[layer.index()];
                *rate = rate.or(self.uplink.told[layer.index()]);
            }
        }
        self.out.extend(self.uplink.tell(plan.screen, rates));
        self.look_after_carrying(at);
    }

    /// Tells the uplink what each member wants, and what the path to them carries.
    fn tell_shares(&mut self, at: MediaView<'_>) {
        let most = self.sight.keeps_up_with.layer();
        let wish_of = |id| self.peers.get(&id).map_or(0, |peer| peer.wants.within(most).camera);
        for (id, peer) in &self.peers {
            let shares = &mut self.uplink.shares;
            let Some(path) = peer.path.as_ref().filter(|path| path.connected && at.is_in_call(*id)) else {
                shares.remove(*id);
                continue;
            };
            shares.want(*id, self.carrying.lines_for(*id, wish_of(*id), wish_of));
            shares.limit(*id, self.carrying.limit_for(*id));
            shares.want_screen(*id, peer.wants.screen > 0);
            shares.carries(*id, path.outbound.control.rate());
            shares.carry(*id, self.carrying.takes(at.now(), *id));
            if !path.outbound.control.is_calm() {
                shares.hold(*id);
            }
        }
    }
}

impl MediaPath {
    /// Takes in what is to go there.
    fn follow_plan(&mut self, to: MemberId, plan: &Plan<MemberId>, carrying: &Carrying) {
        let outbound = &mut self.outbound;
        let pace = outbound.control.rate() * PACE_HALVES / 2;
        self.peer.pace(Stream::Video, pace);
        if carrying.goes_by(to) {
            self.peer.pace(Lane::Carried, pace);
        }
        let screen = plan.screens.get(&to);
        outbound.gets_screen = screen.is_some();
        if !outbound.gets_screen && std::mem::take(&mut outbound.sends_screen) {
            self.peer.discard(Stream::Screen);
        }
        if let Some(rate) = screen {
            self.peer.pace(Stream::Screen, *rate);
        }
        outbound.target = plan.layers.get(&to).copied().flatten();
        if outbound.target.is_none() {
            outbound.sends = None;
        }
    }
}
