//! How QUIC is tuned for a link: what ends it, what it may buffer, and a floor under its congestion window.

use std::{any::Any, sync::Arc, time::Duration, time::Instant};

use iroh::endpoint::{Controller, ControllerFactory, IdleTimeout, QuicTransportConfig, RttEstimator, VarInt};
use noq_proto::congestion::CubicConfig;

/// Milliseconds of silence that end a link.
const IDLE: u32 = 6_000;
const KEEP_ALIVE: Duration = Duration::from_millis(1500);
/// Silence on one path that ends the path: the link then goes on over another one, such as a relay's.
const PATH_IDLE: Duration = Duration::from_secs(3);
const PATH_KEEP_ALIVE: Duration = Duration::from_secs(1);

/// Bytes that may be under way whatever the loss. Media adapts its own rate, and a window that random loss has shrunk holds
/// audio back for a second; the floor carries 2.6 Mbit/s at 200 ms.
const WINDOW_FLOOR: u64 = 64 * 1024;
/// Bytes of datagrams that wait for the window; the oldest are dropped. More would only make them late.
pub(super) const DATAGRAMS_OUT: usize = 32 * 1024;
/// Bytes of datagrams that wait to be read; the oldest are dropped.
const DATAGRAMS_IN: usize = 128 * 1024;
/// Bytes of messages that the other end may send ahead of our reading on one stream: 10 Mbit/s at 200 ms.
const MESSAGES_IN: u32 = 256 * 1024;
/// The same of a member on all streams together: enough for each of them, so that no stream waits until another is read.
pub(super) const MEMBERS_IN: u32 = 5 * MESSAGES_IN;
/// Streams in one direction: receipts, chat, forwarded, bulk, and some of a later version.
const ONE_WAY: u8 = 8;

pub(super) fn config() -> QuicTransportConfig {
    QuicTransportConfig::builder()
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE))))
        .keep_alive_interval(KEEP_ALIVE)
        .default_path_max_idle_timeout(PATH_IDLE)
        .default_path_keep_alive_interval(PATH_KEEP_ALIVE)
        .max_concurrent_bidi_streams(1u8.into())
        .max_concurrent_uni_streams(ONE_WAY.into())
        .stream_receive_window(MESSAGES_IN.into())
        .receive_window(MESSAGES_IN.into())
        .datagram_receive_buffer_size(Some(DATAGRAMS_IN))
        .datagram_send_buffer_size(DATAGRAMS_OUT)
        .congestion_controller_factory(Arc::new(FlooredCubic))
        .build()
}

/// Makes controllers that are CUBIC (RFC 9438) with a window of at least [`WINDOW_FLOOR`].
struct FlooredCubic;

impl ControllerFactory for FlooredCubic {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        Box::new(Floored(Arc::new(CubicConfig::default()).build(now, current_mtu)))
    }
}

/// Passes everything on. `metrics` is left to the default, which asks `window`: the pacer goes by it.
#[derive(Debug)]
struct Floored(Box<dyn Controller>);

impl Controller for Floored {
    fn on_sent(&mut self, now: Instant, bytes: u64, largest_pn: u64) {
        self.0.on_sent(now, bytes, largest_pn);
    }

    fn on_packet_sent(&mut self, now: Instant, bytes: u16, pn: u64) {
        self.0.on_packet_sent(now, bytes, pn);
    }

    fn on_cwnd_limited(&mut self) {
        self.0.on_cwnd_limited();
    }

    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, pn: u64, app_limited: bool, rtt: &RttEstimator) {
        self.0.on_ack(now, sent, bytes, pn, app_limited, rtt);
    }

    fn on_end_acks(&mut self, now: Instant, in_flight: u64, app_limited: bool, largest_acked: Option<u64>) {
        self.0.on_end_acks(now, in_flight, app_limited, largest_acked);
    }

    fn on_congestion_event(
        &mut self,
        now: Instant,
        sent: Instant,
        is_persistent: bool,
        is_ecn: bool,
        lost_bytes: u64,
        largest_lost_pn: u64,
    ) {
        self.0.on_congestion_event(now, sent, is_persistent, is_ecn, lost_bytes, largest_lost_pn);
    }

    fn on_packet_lost(&mut self, lost_bytes: u16, pn: u64, now: Instant) {
        self.0.on_packet_lost(lost_bytes, pn, now);
    }

    fn on_spurious_congestion_event(&mut self) {
        self.0.on_spurious_congestion_event();
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.0.on_mtu_update(new_mtu);
    }

    fn on_ack_frequency_update(&mut self, ack_eliciting_threshold: u64, requested_max_ack_delay: Duration) {
        self.0.on_ack_frequency_update(ack_eliciting_threshold, requested_max_ack_delay);
    }

    fn window(&self) -> u64 {
        self.0.window().max(WINDOW_FLOOR)
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(Self(self.0.clone_box()))
    }

    fn initial_window(&self) -> u64 {
        self.0.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self.0.into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_loss_takes_the_window_below_its_floor() {
        let start = Instant::now();
        let mut floored = Arc::new(FlooredCubic).build(start, 1200);
        let mut bare = Arc::new(CubicConfig::default()).build(start, 1200);
        for second in 1..20 {
            let (sent, now) = (start + Duration::from_secs(second), start + Duration::from_secs(second + 1));
            for controller in [&mut floored, &mut bare] {
                controller.on_congestion_event(now, sent, false, false, 1200, second);
            }
        }
        assert!(bare.window() < WINDOW_FLOOR, "CUBIC alone goes lower");
        assert_eq!(floored.window(), WINDOW_FLOOR);
        assert_eq!(floored.metrics().congestion_window, WINDOW_FLOOR, "the pacer is told the same");
        assert_eq!(floored.clone_box().window(), WINDOW_FLOOR);
    }
}
