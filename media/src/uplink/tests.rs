//! What each path gets of one uplink.

use super::*;
use crate::{
    capture::VideoFormat,
    congestion::{Control, Report},
};

const MS: Duration = Duration::from_millis(1);

fn uplink() -> Uplink<u8> {
    Uplink::new(Ladder::new(VideoFormat { width: 1280, height: 720, fps: 30 }, 1500))
}

/// Plans every 100 ms for so many seconds.
fn run(uplink: &mut Uplink<u8>, now: &mut Instant, seconds: u32) -> Plan<u8> {
    for _ in 0..10 * seconds {
        *now += 100 * MS;
        uplink.camera_sent(*now);
        uplink.plan(*now);
    }
    uplink.plan(*now).clone()
}

#[test]
fn nothing_is_encoded_that_nobody_wants() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    assert_eq!(uplink.plan(now).rates, [None; Layer::COUNT]);
    uplink.want(1, 180);
    uplink.want(2, 0);
    uplink.carries(1, 10_000_000);
    uplink.carries(2, 10_000_000);
    let plan = run(&mut uplink, &mut now, 1);
    assert!(plan.rates[Layer::Low.index()].is_some() && plan.rates.iter().flatten().count() == 1);
    assert_eq!(plan.layers, [(1, Some(Layer::Low)), (2, None)].into());
}

#[test]
fn layer_has_the_rate_of_its_weakest_receiver() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    for (path, estimate) in [(1, 5_000_000), (2, 1_200_000), (3, 300_000)] {
        uplink.want(path, 720);
        uplink.carries(path, estimate);
    }
    let plan = run(&mut uplink, &mut now, 1);
    assert_eq!(plan.layers, [(1, Some(Layer::High)), (2, Some(Layer::High)), (3, Some(Layer::Low))].into());
    assert_eq!(plan.rates[Layer::Middle.index()], None);
    assert!((700..1000).contains(&plan.rates[Layer::High.index()].unwrap()), "{plan:?}");
}

#[test]
fn sound_is_left_when_there_is_no_room_for_pictures() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    uplink.want(1, 720);
    uplink.carries(1, VOICE_BPS + 10_000);
    assert_eq!(run(&mut uplink, &mut now, 5).layers[&1], None);
    uplink.carries(1, 5_000_000);
    assert_eq!(run(&mut uplink, &mut now, 5).layers[&1], Some(Layer::High));
}

#[test]
fn more_is_given_later_each_time_it_was_too_much() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    uplink.want(1, 720);
    uplink.carries(1, 3_000_000);
    assert_eq!(run(&mut uplink, &mut now, 1).layers[&1], Some(Layer::High));
    let mut waited = Vec::new();
    for _ in 0..3 {
        uplink.carries(1, 500_000);
        now += 100 * MS;
        uplink.camera_sent(now);
        assert!(uplink.plan(now).layers[&1] < Some(Layer::High));
        uplink.carries(1, 3_000_000);
        let since = now;
        while uplink.plan(now).layers[&1] < Some(Layer::High) {
            now += 100 * MS;
            uplink.camera_sent(now);
        }
        waited.push(now - since);
    }
    assert!(waited[0] >= PATIENCE && waited[1] > waited[0] && waited[2] > waited[1], "{waited:?}");
}

#[test]
fn a_tile_that_grows_is_served_at_once_where_there_is_room() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    uplink.want(1, 180);
    uplink.carries(1, 5_000_000);
    run(&mut uplink, &mut now, 1);
    uplink.want(1, 720);
    assert_eq!(uplink.plan(now).layers[&1], Some(Layer::High));
}

#[test]
fn who_listens_leaves_room_to_who_speaks() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    uplink.want(1, 720);
    uplink.carries(1, 1_000_000);
    let listening = run(&mut uplink, &mut now, 1).rates[Layer::High.index()].unwrap();
    uplink.speak(true);
    assert!(uplink.plan(now).rates[Layer::High.index()].unwrap() > listening + listening / 10);
}

#[test]
fn screen_goes_before_the_camera_and_leaves_a_face() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    uplink.want(1, 720);
    uplink.want_screen(1, true);
    uplink.carries(1, VOICE_BPS + 1_000_000);
    uplink.share_screen(Some(1_500));
    let mut planned = Plan::default();
    for _ in 0..100 {
        uplink.screen_sent(now, 100_000);
        planned = run(&mut uplink, &mut now, 1);
    }
    let screen = planned.screen.unwrap();
    assert!((600..=710).contains(&screen), "{planned:?}");
    assert_eq!(planned.layers[&1], Some(Layer::Low));
    let camera = planned.rates[Layer::Low.index()].unwrap();
    assert!(f64::from(screen + camera) <= LISTENER_SHARE * 1_000.0 && camera >= THIN, "{planned:?}");
}

#[test]
fn wide_path_gets_the_whole_picture_after_an_easy_one() {
    for (width, height, kbps) in [(640, 360, 500), (640, 360, 800), (1280, 720, 1500), (1280, 720, 4000)] {
        let mut uplink = Uplink::new(Ladder::new(VideoFormat { width, height, fps: 30 }, kbps));
        let mut controls = [Control::new(), Control::new()];
        let mut now = Instant::now();
        for _ in 0..100 {
            now += 200 * MS;
            for (path, control) in (0..).zip(&mut controls) {
                uplink.want(path, 720);
                let sent = (uplink.allows(path) as f64 * 0.4 / 1000.0) as u32;
                control.allow(uplink.allows(path));
                control.reported(now, &Report { queue_ms: 0, received_kbps: sent, lost: 0 }, None);
                uplink.carries(path, control.rate());
            }
            uplink.camera_sent(now);
            uplink.plan(now);
        }
        let top = uplink.ladder().rungs().last().unwrap().layer;
        assert_eq!(uplink.planned().layers, [(0, Some(top)), (1, Some(top))].into(), "{kbps} kbps");
        assert_eq!(uplink.planned().rates[top.index()], Some(kbps));
    }
}

#[test]
fn carried_pictures_go_before_the_camera() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    for (path, carries) in [(1, 4_000_000), (2, 3_000_000)] {
        uplink.want(path, 720);
        uplink.carries(path, carries);
    }
    assert_eq!(uplink.spare([1, 2].into_iter()), None, "nobody has anything yet");
    run(&mut uplink, &mut now, 100);
    let [wide, narrow] = [4_000_000.0, 3_000_000.0].map(|bps| (bps - VOICE_BPS as f64) * LISTENER_SHARE);
    let top = need(uplink.planned().rates[Layer::High.index()].unwrap());
    assert_eq!(uplink.spare([1].into_iter()), Some((wide - top) as u64));
    assert_eq!(uplink.spare([1, 2].into_iter()), Some((narrow - top) as u64));
    uplink.carry(2, 300_000);
    run(&mut uplink, &mut now, 10);
    assert_eq!(uplink.spare([2].into_iter()), Some((narrow - top) as u64 - 300_000));
    assert!(uplink.is_content() && !uplink.is_short());
    assert_eq!(uplink.allows(2), VOICE_BPS + top as u64 + 300_000);
    uplink.carry(2, 1_500_000);
    run(&mut uplink, &mut now, 10);
    assert!(!uplink.is_content() && uplink.spare([1].into_iter()).is_none(), "own pictures are worse for it");
}

#[test]
fn the_camera_takes_no_more_on_a_path_than_its_limit() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    uplink.want(1, 720);
    uplink.carries(1, 5_000_000);
    uplink.limit(1, Some(300));
    let plan = run(&mut uplink, &mut now, 100);
    assert!(plan.layers[&1] < Some(Layer::High) && plan.rates.iter().flatten().all(|kbps| *kbps <= 300), "{plan:?}");
    assert!(uplink.is_short());
    uplink.limit(1, None);
    assert_eq!(run(&mut uplink, &mut now, 100).layers[&1], Some(Layer::High));
}

/// Kilobits per second of the least picture.
const THIN: u32 = 40;

#[test]
fn a_screen_at_rest_takes_nothing_from_the_camera() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    uplink.want(1, 720);
    uplink.want_screen(1, true);
    uplink.carries(1, VOICE_BPS + 1_000_000);
    uplink.share_screen(Some(1_500));
    run(&mut uplink, &mut now, 1);
    uplink.screen_sent(now, 60_000);
    let during = run(&mut uplink, &mut now, 1);
    assert!(during.screen.is_some() && during.layers[&1] == Some(Layer::Low), "{during:?}");
    let after = run(&mut uplink, &mut now, 20);
    assert_eq!(after.layers[&1], Some(Layer::High), "{after:?}");
    assert!(after.screen >= during.screen && after.screens.contains_key(&1));
}

#[test]
fn screen_has_the_rate_of_its_weakest_receiver() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    for (path, carries, shows) in [(1, 5_000_000, true), (2, 900_000, true), (3, 150_000, true), (4, 300_000, false)] {
        uplink.want(path, 0);
        uplink.want_screen(path, shows);
        uplink.carries(path, carries);
    }
    assert!(run(&mut uplink, &mut now, 1).screens.is_empty(), "none is shared");
    uplink.share_screen(Some(1_500));
    let busy = |uplink: &mut Uplink<u8>, now: &mut Instant| {
        for _ in 0..30 {
            uplink.screen_sent(*now, 100_000);
            run(uplink, now, 1);
        }
        run(uplink, now, 1)
    };
    let plan = busy(&mut uplink, &mut now);
    assert_eq!(plan.screens.keys().copied().collect::<Vec<_>>(), [1, 2]);
    assert!((550..=615).contains(&plan.screen.unwrap()), "{plan:?}");
    uplink.want_screen(2, false);
    let plan = busy(&mut uplink, &mut now);
    assert_eq!((plan.screens.len(), plan.screen), (1, Some(1_500)));
    uplink.share_screen(None);
    assert_eq!(run(&mut uplink, &mut now, 1).screen, None);
}

#[test]
fn nothing_grows_while_packets_queue() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    uplink.want(1, 720);
    uplink.carries(1, 3_000_000);
    let rate = |plan: Plan<u8>| plan.rates[Layer::High.index()].unwrap();
    let before = rate(run(&mut uplink, &mut now, 1));
    for _ in 0..10 {
        now += 100 * MS;
        uplink.camera_sent(now);
        uplink.hold(1);
        uplink.plan(now);
    }
    assert_eq!(rate(uplink.planned().clone()), before);
    assert!(rate(run(&mut uplink, &mut now, 1)) > before + before / 4);
}

#[test]
fn one_receiver_who_reports_queues_holds_back_nobody_else() {
    let rates = |lies: bool| {
        let (mut uplink, mut now) = (uplink(), Instant::now());
        for path in 1..=3 {
            uplink.want(path, 720);
            uplink.carries(path, 3_000_000);
        }
        let mut rates = Vec::new();
        for round in 0..300 {
            now += 100 * MS;
            uplink.camera_sent(now);
            if lies {
                uplink.hold(3);
                if round % 8 == 0 {
                    uplink.crowded_alone(3);
                }
            }
            let plan = uplink.plan(now);
            let kbps = |layer: &Option<Layer>| layer.and_then(|layer| plan.rates[layer.index()]);
            rates.push([1, 2].map(|path| plan.layers.get(&path).and_then(kbps)));
        }
        rates
    };
    let honest = rates(false);
    assert!(honest.last().unwrap().iter().all(|rate| rate.is_some_and(|kbps| kbps > 1000)), "{:?}", honest.last());
    for (round, (rates, honest)) in rates(true).iter().zip(&honest).enumerate().skip(10) {
        assert_eq!(rates, honest, "in round {round}");
    }
}

#[test]
fn nothing_grows_where_most_receivers_report_queues() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    for path in 1..=3 {
        uplink.want(path, 720);
        uplink.carries(path, 3_000_000);
    }
    let before = run(&mut uplink, &mut now, 1).rates;
    for _ in 0..10 {
        now += 100 * MS;
        uplink.camera_sent(now);
        uplink.hold(1);
        uplink.hold(2);
        uplink.plan(now);
    }
    assert_eq!(uplink.planned().rates, before);
}

#[test]
fn camera_that_rested_begins_anew() {
    let (mut uplink, mut now) = (uplink(), Instant::now());
    for path in 1..=5 {
        uplink.want(path, 720);
        uplink.carries(path, 2_000_000);
    }
    let sent = |plan: &Plan<u8>| {
        let kbps = |layer: &Option<Layer>| layer.and_then(|layer| plan.rates[layer.index()]).unwrap_or(0);
        plan.layers.values().map(kbps).sum::<u32>()
    };
    let whole = sent(&run(&mut uplink, &mut now, 30));
    assert!(whole > 5000, "{whole}");
    for _ in 0..100 {
        now += 100 * MS;
        uplink.plan(now);
    }
    let rested = sent(uplink.planned());
    assert!((1..=600).contains(&rested), "{rested}");
    // It goes on from there, and not at once.
    assert!(sent(&run(&mut uplink, &mut now, 1)) < 3 * rested);
    let again = sent(&run(&mut uplink, &mut now, 30));
    assert!(again > whole * 9 / 10, "{again} of {whole}");
}
