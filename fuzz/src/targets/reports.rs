use std::time::{Duration, Instant};

use arbitrary::Unstructured;
use media::{
    Stream,
    congestion::{Control, Meter, Report},
    repair::{LossMeter, LossReport, Protector, VoiceSettings},
    split::Splitter,
    transport::Topic,
};

use super::repair::danger_unsealed;

/// Reports and packets of one input, at most.
const MAX_ACTS: usize = 300;
/// Nothing is sent faster than this, whatever a receiver says, in bits per second.
const FASTEST: u64 = 1_000_000_000;

/// The properties: rates and settings stay within bounds, a report that is made is read, and the meter asks for a time ahead.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let mut ends = Ends::new(Instant::now());
    for _ in 0..MAX_ACTS {
        if input.is_empty() {
            break;
        }
        ends.act(&mut input);
        ends.check();
    }
}

/// A sender that is told anything, and a receiver whose packets come at any time and with any number.
struct Ends {
    now: Instant,
    control: Control,
    meter: Meter,
    losses: LossMeter,
    protector: Protector,
    splitter: Splitter,
    captured_us: u32,
}

impl Ends {
    fn new(now: Instant) -> Self {
        Self {
            now,
            control: Control::new(),
            meter: Meter::new(now),
            losses: LossMeter::default(),
            protector: Protector::new(),
            splitter: Splitter::new(),
            captured_us: 0,
        }
    }

    fn act(&mut self, input: &mut Unstructured<'_>) {
        let [act, wait, many]: [u8; 3] = input.arbitrary().unwrap_or_default();
        self.now += Duration::from_millis(u64::from(wait));
        match act % 5 {
            // What the other side says.
            0 => {
                let bytes: [u8; 7] = input.arbitrary().unwrap_or_default();
                if let Ok(report) = Report::from_bytes(&bytes) {
                    assert_eq!(Report::from_bytes(&report.to_bytes()), Ok(report));
                    self.control.reported(self.now, &report, (many & 1 == 0).then(|| u64::from(many) << 20));
                }
            }
            1 => {
                let mut bytes: [u8; 24] = input.arbitrary().unwrap_or_default();
                bytes[0] = 1;
                if let Ok(report) = LossReport::from_bytes(&bytes) {
                    assert_eq!(LossReport::from_bytes(&report.to_bytes()), Ok(report));
                    self.protector.reported(&report);
                }
            }
            2 => self.send(wait, many),
            3 => {
                let [sequence, timestamp]: [u64; 2] = input.arbitrary().unwrap_or_default();
                self.arrive(sequence, timestamp, wait, many);
            }
            _ => self.report(),
        }
    }

    /// What is sent meanwhile.
    fn send(&mut self, wait: u8, many: u8) {
        self.control.allow(u64::from(many) << 24);
        for _ in 0..many % 32 {
            self.captured_us = self.captured_us.wrapping_add(20_000);
            let frame = danger_unsealed(Stream::Audio, self.captured_us, vec![7; usize::from(wait) + 1]);
            self.splitter.split(&frame).iter().for_each(|packet| drop(self.protector.packet(packet)));
        }
    }

    /// What arrives.
    fn arrive(&mut self, sequence: u64, timestamp: u64, wait: u8, many: u8) {
        let lane = [Stream::Audio, Stream::Video, Stream::Screen][usize::from(many) % 3];
        let narrow = if many & 0x80 == 0 { 0xffff } else { u64::MAX };
        self.meter.arrived(self.now, lane, sequence & narrow, timestamp & narrow, usize::from(wait) * 8);
        self.losses.arrived(sequence & narrow);
    }

    fn report(&mut self) {
        self.now = self.now.max(self.meter.next_report());
        if let Some(report) = self.meter.report(self.now) {
            assert!(Report::from_bytes(&report.to_bytes()).is_ok());
            assert!(self.meter.next_report() > self.now, "a report is due at once");
        }
        if let Some(report) = self.losses.report(self.now) {
            assert_eq!(LossReport::from_bytes(&report.to_bytes()), Ok(report));
        }
    }

    fn check(&self) {
        let (control, protector) = (&self.control, &self.protector);
        assert!((1..=FASTEST).contains(&control.rate()), "a rate of {}", control.rate());
        assert!(protector.left_percent() <= 100, "more is lost than there is");
        let settings = VoiceSettings::of([(protector.plan(), protector.left_percent())].into_iter());
        assert!((6..=64).contains(&settings.kbps), "a voice of {} kbit/s", settings.kbps);
        let _ = (control.is_calm(), control.is_queued(self.now), Topic::Loss);
    }
}
