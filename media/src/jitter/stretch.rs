//! A frame made shorter or longer by one period of the voice, by overlap and add.

/// The periods looked for: 400 Hz down to 100 Hz, and what fits twice into a frame of 20 ms.
const SHORTEST: usize = 120;
const LONGEST: usize = 480;
/// What is compared at each lag.
const WINDOW: usize = 480;
/// Below this two periods are not alike, and joining them would be heard.
const ALIKE: f32 = 0.8;
/// Mean square of what is too quiet for a seam to be heard: -50 dBFS.
const QUIET: f32 = 1e-5;

/// The frame without one period, and how many samples that were. `None` if the frame doesn't lend itself.
pub(super) fn shorten(frame: &[f32]) -> Option<(Vec<f32>, usize)> {
    let lag = period(frame)?;
    let (first, rest) = frame.split_at_checked(lag)?;
    let (second, rest) = rest.split_at_checked(lag)?;
    let mut out = blended(first, second);
    out.extend_from_slice(rest);
    Some((out, lag))
}

/// The frame with one period more, and how many samples that were.
pub(super) fn lengthen(frame: &[f32]) -> Option<(Vec<f32>, usize)> {
    let lag = period(frame)?;
    let (first, rest) = frame.split_at_checked(lag)?;
    let mut out = first.to_vec();
    out.append(&mut blended(rest.get(..lag)?, first));
    out.extend_from_slice(rest);
    Some((out, lag))
}

/// One period that begins as `from` and ends as `to`.
fn blended(from: &[f32], to: &[f32]) -> Vec<f32> {
    let n = from.len() as f32;
    let share = |i: usize| (i as f32 + 0.5) / n;
    from.iter().zip(to).enumerate().map(|(i, (from, to))| from + (to - from) * share(i)).collect()
}

/// The lag at which the frame is most like itself.
fn period(frame: &[f32]) -> Option<usize> {
    if frame.len() < LONGEST + WINDOW {
        return None;
    }
    let window = |from: usize| frame.iter().skip(from).take(WINDOW);
    let energy = |from: usize| window(from).map(|s| s * s).sum::<f32>();
    let head = energy(0);
    if head.max(energy(LONGEST)) < QUIET * WINDOW as f32 {
        return Some(LONGEST);
    }
    let likeness = |lag: usize| {
        let product: f32 = window(0).zip(window(lag)).map(|(a, b)| a * b).sum();
        product / (head * energy(lag)).sqrt().max(f32::MIN_POSITIVE)
    };
    let (lag, best) = (SHORTEST..=LONGEST).map(|lag| (lag, likeness(lag))).max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (best > ALIKE).then_some(lag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(period: f32) -> Vec<f32> {
        (0..960).map(|n| (std::f32::consts::TAU * n as f32 / period).sin() * 0.5).collect()
    }

    #[test]
    fn a_tone_loses_and_gains_whole_periods_without_a_seam() {
        let steepest = |samples: &[f32]| samples.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        let frame = tone(240.0);
        for (scaled, lag) in [shorten(&frame).unwrap(), lengthen(&frame).unwrap()] {
            assert_eq!(lag % 240, 0);
            assert_eq!(scaled.len().abs_diff(960), lag);
            assert!(steepest(&scaled) < 1.1 * steepest(&frame));
        }
    }

    #[test]
    fn noise_is_left_alone() {
        let mut random = fastrand::Rng::with_seed(1);
        let noise: Vec<f32> = std::iter::repeat_with(|| random.f32() - 0.5).take(960).collect();
        assert_eq!(shorten(&noise), None);
    }

    #[test]
    fn silence_always_lends_itself() {
        assert_eq!(shorten(&[0.0; 960]).unwrap().1, LONGEST);
        assert_eq!(lengthen(&[0.0; 960]).unwrap().1, LONGEST);
    }
}
