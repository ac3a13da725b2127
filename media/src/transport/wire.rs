//! What SDP would have negotiated, fixed: payload types, SSRCs, header extensions, timers.

#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

use std::time::{Duration, Instant};

use str0m::config::DtlsVersion;
use str0m::format::{Codec, FormatParams};
use str0m::media::{Frequency, MediaKind, Mid, Pt};
use str0m::rtp::{Extension, ExtensionMap, Ssrc};
use str0m::{Rtc, RtcConfig};

use super::certificate::Certificate;
use super::event::Role;
use crate::frame::{Lane, Stream};

/// Payload types. 64 to 95 would be taken for RTCP (RFC 5761, section 4).
const VIDEO: u8 = 96;
const VIDEO_RTX: u8 = 97;
const AUDIO: u8 = 111;

/// Header extension ids, one-byte form (RFC 8285). The audio level (RFC 6464) stays out: header extensions are not encrypted,
/// and the level of every 20 ms says who speaks when, and by its rhythm what language or even which words.
const MID: u8 = 1;

/// STUN is asked again after this long at first. str0m's own 250 ms would be felt at every start on a lossy network, and less than
/// 50 ms repeats needlessly on good long ones.
const FIRST_STUN_RETRY: Duration = Duration::from_millis(50);
const SLOWEST_STUN_RETRY: Duration = Duration::from_millis(500);
const STUN_RETRIES: usize = 20;

const STATS_EVERY: Duration = Duration::from_secs(1);
/// Sent packets kept for retransmission.
const RTX_PACKETS: usize = 1024;
const RTX_AGE: Duration = Duration::from_secs(1);
/// Retransmissions stop above this share of what is sent. str0m's 0.15 would give up near 10 % loss, where they matter most.
const RTX_SHARE: f32 = 0.3;

/// The SSRCs of one side. The sides differ, so that a reflected packet is never taken for the peer's.
#[derive(Clone, Copy)]
pub(super) struct Ssrcs {
    audio: u32,
    video: u32,
    video_rtx: u32,
    screen: u32,
    screen_rtx: u32,
    carried: u32,
    carried_rtx: u32,
}

impl Ssrcs {
    pub(super) const fn of(role: Role) -> Self {
        match role {
            Role::Controlling => Self::from(0x1000),
            Role::Controlled => Self::from(0x2000),
        }
    }

    const fn from(base: u32) -> Self {
        Self {
            audio: base | 1,
            video: base | 2,
            video_rtx: base | 3,
            screen: base | 4,
            screen_rtx: base | 5,
            carried: base | 6,
            carried_rtx: base | 7,
        }
    }

    pub(super) fn lane(self, ssrc: u32) -> Option<Lane> {
        LANES.into_iter().find(|lane| *self.ssrc(*lane) == ssrc)
    }

    pub(super) fn ssrc(self, lane: Lane) -> Ssrc {
        match lane {
            Lane::Own(Stream::Audio) => self.audio.into(),
            Lane::Own(Stream::Video) => self.video.into(),
            Lane::Own(Stream::Screen) => self.screen.into(),
            Lane::Carried => self.carried.into(),
        }
    }

    fn rtx(self, lane: Lane) -> Option<Ssrc> {
        match lane {
            Lane::Own(Stream::Audio) => None,
            Lane::Own(Stream::Video) => Some(self.video_rtx.into()),
            Lane::Own(Stream::Screen) => Some(self.screen_rtx.into()),
            Lane::Carried => Some(self.carried_rtx.into()),
        }
    }

    /// str0m learns unknown SSRCs from packets before it has authenticated them, so nothing but the expected ones gets that
    /// far.
    pub(super) fn admits(self, datagram: &[u8]) -> bool {
        let Some(&[first, second, _, _, _, _, _, _, a, b, c, d]) = datagram.first_chunk() else {
            return true;
        };
        let is_rtp = (128..192).contains(&first) && !(64..96).contains(&(second & 0x7f));
        if !is_rtp {
            return true;
        }
        let ssrc = u32::from_be_bytes([a, b, c, d]);
        LANES.into_iter().any(|lane| *self.ssrc(lane) == ssrc || self.rtx(lane).is_some_and(|rtx| *rtx == ssrc))
    }
}

const LANES: [Lane; 4] = [Lane::Own(Stream::Audio), Lane::Own(Stream::Video), Lane::Own(Stream::Screen), Lane::Carried];

pub(super) fn mid(lane: Lane) -> Mid {
    match lane {
        Lane::Own(Stream::Audio) => "a".into(),
        Lane::Own(Stream::Video) => "v".into(),
        Lane::Own(Stream::Screen) => "s".into(),
        Lane::Carried => "c".into(),
    }
}

/// The picture stream of a section that somebody asks for a keyframe of.
pub(super) fn picture_of(section: Mid) -> Option<Stream> {
    [Stream::Video, Stream::Screen].into_iter().find(|stream| mid((*stream).into()) == section)
}

pub(super) fn payload_type(lane: Lane) -> Pt {
    // What tells pictures apart are section and SSRC.
    Pt::new_with_value(if lane.is_picture() { VIDEO } else { AUDIO })
}

/// Builds the `Rtc` with both directions of all streams declared.
pub(super) fn build(now: Instant, role: Role, certificate: &Certificate) -> Rtc {
    let mut extensions = ExtensionMap::empty();
    extensions.set(MID, Extension::RtpMid);

    let mut config = RtcConfig::new()
        .set_crypto_provider(certificate.crypto())
        .set_dtls_cert(certificate.dtls())
        // Both ends are this program, so there is no older version to fall back to.
        .set_dtls_version(DtlsVersion::Dtls13)
        .set_rtp_mode(true)
        .clear_codecs()
        .set_extension_map(extensions)
        .set_stats_interval(Some(STATS_EVERY));
    config.set_initial_stun_rto(FIRST_STUN_RETRY);
    config.set_max_stun_rto(SLOWEST_STUN_RETRY);
    config.set_max_stun_retransmits(STUN_RETRIES);

    // The codecs' names matter to no one: what they carry is sealed. They decide which RTCP feedback there is.
    let codecs = config.codec_config();
    let (video, rtx) = (Pt::new_with_value(VIDEO), Pt::new_with_value(VIDEO_RTX));
    codecs.add_config(video, Some(rtx), Codec::H264, Frequency::NINETY_KHZ, None, FormatParams::default());
    let audio = Pt::new_with_value(AUDIO);
    codecs.add_config(audio, None, Codec::Opus, Frequency::FORTY_EIGHT_KHZ, Some(2), FormatParams::default());

    let mut rtc = config.build(now);
    declare(&mut rtc, role);
    rtc
}

fn declare(rtc: &mut Rtc, role: Role) {
    let (own, theirs) = (Ssrcs::of(role), Ssrcs::of(role.other()));
    let mut api = rtc.direct_api();
    api.set_ice_controlling(role == Role::Controlling);
    for lane in LANES {
        api.declare_media(mid(lane), if lane.is_picture() { MediaKind::Video } else { MediaKind::Audio });
        let out = api.declare_stream_tx(own.ssrc(lane), own.rtx(lane), mid(lane), None);
        if lane.is_picture() {
            out.set_rtx_cache(RTX_PACKETS, RTX_AGE, Some(RTX_SHARE));
        }
        let incoming = api.expect_stream_rx(theirs.ssrc(lane), theirs.rtx(lane), mid(lane), None);
        // Lost audio is concealed long before it could come again.
        incoming.suppress_nack(!lane.is_picture());
    }
}
