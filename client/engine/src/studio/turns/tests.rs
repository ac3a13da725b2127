//! Which decoder works first, which rests, and which sender is told.

use super::*;

const MS: Duration = Duration::from_millis(1);

/// Lets the decoder work until `until`, each frame taking what it says; how many of each stream were decoded.
fn work(turns: &mut Turns<char, Duration>, now: &mut Instant, until: Instant) -> BTreeMap<char, u32> {
    let mut done = BTreeMap::new();
    while *now < until {
        match turns.next(*now) {
            Some((stream, takes)) => {
                *now += takes;
                turns.charge(*now, stream, takes, false);
                *done.entry(stream).or_default() += 1;
            }
            None => *now = turns.due(*now).unwrap_or(until).min(until),
        }
    }
    done
}

#[test]
fn flood_delays_others_by_one_picture() {
    let (mut turns, mut now) = (Turns::new(), Instant::now());
    for stream in ['a', 'z'] {
        turns.add(stream);
    }
    let (mut honest, mut flood) = (0, 0);
    for _ in 0..60 {
        // Twenty frames of a liar come with each of an honest sender; each takes as long as is left of a picture's time.
        for _ in 0..20 {
            turns.push(now, 'a', 100, 6 * MS);
        }
        assert_eq!(turns.push(now, 'z', 5_000, 2 * MS), Pushed::Waits);
        let until = now + 33 * MS;
        let done = work(&mut turns, &mut now, until);
        honest += done.get(&'z').copied().unwrap_or(0);
        flood += done.get(&'a').copied().unwrap_or(0);
    }
    assert!(honest >= 59, "{honest}");
    assert!(flood <= 140, "{flood}");
    let waits = turns.waited(|stream| *stream);
    assert_eq!(waits.share(), 0.0, "{waits:?}");
}

#[test]
fn costly_streams_of_one_sender_do_not_make_the_machine_slow() {
    let share = |sender: fn(&&'static str) -> bool| {
        let (mut turns, mut now) = (Turns::new(), Instant::now());
        for stream in ["liar's camera", "liar's screen", "honest"] {
            turns.add(stream);
        }
        for _ in 0..30 {
            for (stream, took, waits) in [("liar's camera", 12, 200), ("liar's screen", 11, 200), ("honest", 2, 0)] {
                turns.push(now, stream, 4_000, ());
                now += waits * MS;
                assert_eq!(turns.next(now), Some((stream, ())));
                turns.charge(now, stream, took * MS, true);
            }
        }
        turns.waited(sender).share()
    };
    assert_eq!(share(|stream| stream.starts_with("liar")), 0.0);
    assert!(share(|stream| stream.ends_with("camera")) > 0.0, "what is measured is a wait");
}

#[test]
fn stream_that_begins_again_rests_as_long_as_before() {
    let (mut turns, now) = (Turns::new(), Instant::now());
    turns.add('a');
    while turns.charge(now, 'a', 100 * MS, false) == Charged::WithinShare {}
    turns.remove('a');
    assert_eq!(turns.push(now, 'a', 100, MS), Pushed::Rests);
    turns.add('a');
    assert_eq!(turns.push(now, 'a', 100, MS), Pushed::Rests);
    assert_eq!(turns.push(now + REST, 'a', 100, MS), Pushed::Waits);
}

#[test]
fn stream_is_decoded_sixty_times_a_second_at_most() {
    let (mut turns, mut now) = (Turns::new(), Instant::now());
    turns.add('a');
    let mut done = 0;
    for _ in 0..1_000 {
        turns.push(now, 'a', 10, Duration::ZERO);
        let until = now + 10 * MS;
        done += work(&mut turns, &mut now, until).values().sum::<u32>();
    }
    assert!((590..=620).contains(&done), "{done}");
}

#[test]
fn stream_beyond_its_share_rests_and_comes_back() {
    let (mut turns, mut now) = (Turns::new(), Instant::now());
    turns.add('a');
    let mut rested = None;
    for picture in 0..200 {
        turns.push(now, 'a', 10, 20 * MS);
        if let Some((stream, took)) = turns.next(now) {
            now += took;
            if turns.charge(now, stream, took, false) == Charged::Rests {
                rested = Some(picture);
                break;
            }
        }
        now += 10 * MS;
    }
    // It takes 20 ms of every 30, gets back 12, and has saved up 800.
    assert!(rested.is_some_and(|picture| (95..=105).contains(&picture)), "{rested:?}");
    assert_eq!(turns.push(now, 'a', 10, MS), Pushed::Rests);
    assert_eq!((turns.next(now), turns.due(now)), (None, None));
    now += REST;
    assert_eq!(turns.push(now, 'a', 10, MS), Pushed::Waits);
    assert_eq!(turns.next(now), Some(('a', MS)));
}

#[test]
fn ordinary_video_never_rests() {
    let (mut turns, mut now) = (Turns::new(), Instant::now());
    turns.add('a');
    for _ in 0..3_000 {
        assert_eq!(turns.push(now, 'a', 4_000, ()), Pushed::Waits);
        assert!(turns.next(now).is_some());
        assert_eq!(turns.charge(now, 'a', 12 * MS, true), Charged::WithinShare);
        now += Duration::from_secs(1) / 30;
    }
}

/// What is charged in so many seconds of 25 pictures a second, each taking what `takes` says.
fn charged(turns: &mut Turns<char, ()>, now: &mut Instant, seconds: u32, takes: Duration) -> Vec<Charged> {
    let mut charged = Vec::new();
    for _ in 0..25 * seconds {
        turns.push(*now, 'a', 4_000, ());
        if turns.next(*now).is_some() {
            charged.push(turns.charge(*now, 'a', takes, true));
        }
        *now += 40 * MS;
    }
    charged.retain(|charged| *charged != Charged::WithinShare);
    charged
}

#[test]
fn costly_sender_is_asked_for_less_before_it_rests() {
    let (mut turns, mut now) = (Turns::new(), Instant::now());
    turns.add('a');
    // A weak machine: the high layer takes three quarters of it, the next one a fifth.
    assert_eq!(charged(&mut turns, &mut now, 4, 30 * MS), [Charged::AskForLess]);
    assert_eq!(charged(&mut turns, &mut now, 120, 8 * MS), []);
    // A sender who does not care is asked for each lower layer, and then rests.
    let outcome = charged(&mut turns, &mut now, 15, 38 * MS);
    assert_eq!(outcome, [Charged::AskForLess, Charged::AskForLess, Charged::AskForLess, Charged::Rests]);
}

#[test]
fn queue_is_bounded_in_bytes_and_frames() {
    let (mut turns, now) = (Turns::new(), Instant::now());
    for stream in ['a', 'b'] {
        turns.add(stream);
    }
    assert_eq!(turns.push(now, 'a', BYTES, ()), Pushed::Waits);
    assert_eq!(turns.push(now, 'a', 1, ()), Pushed::Full);
    for _ in 0..FRAMES {
        assert_eq!(turns.push(now, 'b', 1, ()), Pushed::Waits);
    }
    assert_eq!(turns.push(now, 'b', 1, ()), Pushed::Full);
    assert_eq!(turns.push(now, 'c', 1, ()), Pushed::Rests, "nobody knows this stream");
}
