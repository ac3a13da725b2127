//! What the laboratory's hostile member says: over real links, sealed with real keys.

use std::{collections::VecDeque, time::Instant};

use ::media::{Stream, transport::Topic};
use group_crypto::MemberId;

use crate::hostile::Act;
use crate::room::{
    Output, Phase, Room,
    inside::Inside,
    output::send_on_all,
    wire::{self, LinkMessage, Purpose},
};

impl Room {
    pub fn act(&mut self, now: Instant, act: Act) {
        self.fence(|room| {
            if let Phase::Inside(inside) = &mut room.phase {
                act_on(inside, now, act, &mut room.out);
            }
        });
    }
}

fn act_on(inside: &mut Inside, now: Instant, act: Act, out: &mut VecDeque<Output>) {
    match act {
        // The driver makes a frame of it, as it does with pictures of a camera.
        Act::Picture(_) => {}
        Act::Link { to, bytes } => {
            let link = inside.links.own_link_with(to);
            send_on_all(out, link, Purpose::Control, &bytes);
        }
        Act::Room(message) => {
            let Ok(sealed) = inside.roster.agreement().protect(&message) else {
                return;
            };
            let bytes = wire::encode(&LinkMessage::Group(sealed));
            let links = inside.links.members().into_iter().filter_map(|member| inside.links.own_link_with(member));
            send_on_all(out, links, Purpose::Control, &bytes);
        }
        Act::Datagram { to, bytes } => {
            let link = inside.links.own_link_with(to);
            out.extend(link.map(|link| Output::SendDatagram { link, bytes }));
        }
        Act::WantKeyframe(to) => {
            by_media(inside, now, to, out, |now, peer| peer.request_keyframe(now, Stream::Video));
        }
        Act::Report { to, of_voice, bytes } => {
            let topic = if of_voice { Topic::Loss } else { Topic::Congestion };
            by_media(inside, now, to, out, |now, peer| peer.report(now, topic, &bytes));
        }
    }
}

fn by_media(
    inside: &mut Inside,
    now: Instant,
    to: MemberId,
    out: &mut VecDeque<Output>,
    act: impl FnOnce(Instant, &mut ::media::transport::Peer),
) {
    inside.in_media(now, out, |media, at| media.act_on(at, to, act));
}
