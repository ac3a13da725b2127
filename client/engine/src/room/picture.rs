//! Our own pictures: which layer of the camera goes to whom, who gets the screen, and what is encoded at all.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use ::media::{
    EncodedFrame, Ladder, Lane, Layer, Stream,
    congestion::Report,
    uplink::{self, Crowd},
};
use group_crypto::MemberId;

use super::{Output, inside::Inside, participant::Participant, wire::Lines};

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
}

impl Inside {
    pub fn want_came(&mut self, now: Instant, member: MemberId, wants: Lines, out: &mut VecDeque<Output>) {
        if let Some(p) = self.participants.get_mut(&member) {
            p.wants = wants;
            self.share_uplink_anew(now, out);
        }
    }

    /// What is wanted or shared has changed.
    pub fn share_uplink_anew(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        self.uplink.looked = None;
        self.share_uplink(now, out);
    }

    /// What a member tells of the path to them; of several reports at once the latest counts.
    pub fn path_reported(&mut self, now: Instant, index: MemberId, report: &Report) {
        let paths = self.participants.values().filter_map(|p| Some((p.member.id, p.media.as_ref()?)));
        let queued = paths.filter(|(id, media)| *id != index && media.control.is_queued(now));
        let rates: Vec<_> = queued.map(|(_, media)| media.control.rate()).collect();
        let others = self.participants.values().filter(|p| p.member.id != index).filter_map(|p| p.live_media());
        let alone = match others.clone().count() {
            0 => false,
            // Of two, the other's queue may only be about to grow.
            1 => rates.is_empty() && others.clone().all(|media| media.control.is_calm()),
            // It is this path's own, or no more than what few of many say.
            others => 2 * (rates.len() + 1) <= others + 1,
        };
        if let Some(media) = self.participants.get_mut(&index).and_then(|p| p.media.as_mut()) {
            let own = media.control.rate();
            let crowd = (rates.iter().sum::<u64>() + own) / (rates.len() as u64 + 1);
            let fell = media.control.reported(now, report, (!rates.is_empty()).then_some(crowd));
            if fell && alone {
                self.uplink.shares.crowded_alone(index);
            } else if fell {
                self.uplink.shares.crowded(if rates.is_empty() { Crowd::One } else { Crowd::All });
                self.carrying.crowded(now);
            }
        }
    }

    /// Decides who gets which layer, asks for the keyframes with which they begin, and says what is to be encoded.
    pub fn share_uplink(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let screen = self.call.streams().screen.then_some(self.own.screen_kbps);
        let uplink = &mut self.uplink;
        if uplink.looked.is_some_and(|at| now < at + EVERY) {
            return;
        }
        uplink.looked = Some(now);
        let wishes = |of: &Participant| of.wants.within(self.keeps_up_with.layer()).camera;
        let wish_of = |id| self.participants.get(&id).map_or(0, wishes);
        for p in self.participants.values() {
            let id = p.member.id;
            match p.live_media() {
                Some(media) => {
                    uplink.shares.want(id, self.carrying.lines_for(id, wishes(p), wish_of));
                    uplink.shares.limit(id, self.carrying.limit_for(id));
                    uplink.shares.want_screen(id, p.wants.screen > 0);
                    uplink.shares.carries(id, media.control.rate());
                    uplink.shares.carry(id, self.carrying.takes(now, id));
                    if !media.control.is_calm() {
                        uplink.shares.hold(id);
                    }
                }
                None => uplink.shares.remove(id),
            }
        }
        uplink.shares.share_screen(screen);
        uplink.shares.plan(now);
        let plan = uplink.shares.planned();
        let mut rates = plan.rates;
        for p in self.participants.values_mut() {
            let id = p.member.id;
            let Some(media) = p.live_media_mut() else {
                continue;
            };
            media.peer.pace(Stream::Video, media.control.rate() * PACE_HALVES / 2);
            if self.carrying.goes_by(id) {
                media.peer.pace(Lane::Carried, media.control.rate() * PACE_HALVES / 2);
            }
            media.control.allow(uplink.shares.allows(id));
            let screen = plan.screens.get(&id);
            media.gets_screen = screen.is_some();
            if !media.gets_screen && std::mem::take(&mut media.sends_screen) {
                media.peer.discard(Stream::Screen);
            }
            if let Some(rate) = screen {
                media.peer.pace(Stream::Screen, *rate);
                if !media.sends_screen && uplink.screen_asked.is_none_or(|at| now >= at + PATIENCE) {
                    uplink.screen_asked = Some(now);
                    out.push_back(Output::ScreenKeyframeWanted);
                }
            }
            media.target = plan.layers.get(&id).copied().flatten();
            if media.target.is_none() {
                media.sends = None;
            }
            if let Some(target) = media.target.filter(|_| media.target != media.sends) {
                let asked = &mut uplink.asked[target.index()];
                if asked.is_none_or(|at| now >= at + PATIENCE) {
                    *asked = Some(now);
                    out.push_back(Output::KeyframeWanted(target));
                }
            }
            // Until the new layer has begun the old one goes on.
            if let Some(layer) = media.sends {
                let rate = &mut rates[layer.index()];
                *rate = rate.or(uplink.told[layer.index()]);
            }
        }
        if plan.screen != uplink.screen_told {
            uplink.screen_told = plan.screen;
            out.push_back(Output::Screen(plan.screen));
        }
        if rates != uplink.told {
            uplink.told = rates;
            out.push_back(Output::Layers(rates));
        }
        self.look_after_carrying(now, out);
    }

    /// Sends the screen to those who get it, from a keyframe on.
    pub fn send_screen(&mut self, now: Instant, frame: &EncodedFrame, out: &mut VecDeque<Output>) {
        if frame.keyframe {
            self.uplink.screen_asked = None;
            for media in self.participants.values_mut().filter_map(|p| p.media.as_mut()) {
                media.sends_screen |= media.gets_screen;
            }
        }
        let gets = |p: &&Participant| p.live_media().is_some_and(|m| m.sends_screen);
        let to: Vec<_> = self.participants.values().filter(gets).map(|p| p.member.id).collect();
        if !to.is_empty() {
            self.uplink.shares.screen_sent(now, frame.data.len());
        }
        self.send_to(now, frame, &to, out);
    }

    /// Sends to each member the one layer that they get, sealed once for all who get it.
    pub fn send_pictures(&mut self, now: Instant, pictures: &[(Layer, EncodedFrame)], out: &mut VecDeque<Output>) {
        if !pictures.is_empty() {
            self.uplink.shares.camera_sent(now);
        }
        for (layer, _) in pictures.iter().filter(|(_, frame)| frame.keyframe) {
            self.uplink.asked[layer.index()] = None;
            for media in self.participants.values_mut().filter_map(|p| p.media.as_mut()) {
                if media.target == Some(*layer) {
                    media.sends = Some(*layer);
                }
                if media.sends == Some(*layer) {
                    media.keyframe_sent = Some(now);
                }
            }
        }
        for (layer, frame) in pictures {
            let carrier = self.send_carried(now, *layer, frame, out);
            let gets = |p: &&Participant| p.live_media().is_some_and(|m| m.sends == Some(*layer));
            let to = self.participants.values().filter(gets).map(|p| p.member.id);
            let to: Vec<_> = to.filter(|id| Some(*id) != carrier).collect();
            self.send_to(now, frame, &to, out);
        }
    }
}
