//! Where tiles go: pure geometry.

use bevy::math::{Rect, Vec2};

use super::Arrangement;

/// Between tiles, in logical pixels: a little less where there are many.
fn gap(n: usize) -> f32 {
    if n <= 4 { 12.0 } else { 10.0 }
}

/// Tiles fill their cell and crop the picture, but are never narrower or wider than these.
const NARROWEST: f32 = 1.2;
const WIDEST: f32 = 2.3;
/// The aspect ratio of cameras.
const PICTURE: f32 = 16.0 / 9.0;

/// One rectangle for each of `n` tiles inside `area`; with [`Arrangement::Speaker`] the first one is the large one.
pub fn layout(n: usize, area: Rect, arrangement: Arrangement) -> Vec<Rect> {
    if area.width() < 2.0 || area.height() < 2.0 {
        return vec![Rect::from_corners(area.min, area.min); n];
    }
    match (arrangement, n) {
        (Arrangement::Speaker, 2..) => speaker(n, area),
        _ => grid(n, area),
    }
}

fn grid(n: usize, area: Rect) -> Vec<Rect> {
    let best = (1..=n).max_by(|a, b| {
        let (a, b) = (shown(n, *a, area), shown(n, *b, area));
        a.total_cmp(&b)
    });
    let Some(columns) = best else {
        return Vec::new();
    };
    let gap = gap(n);
    let tile = tile(n, columns, area);
    let rows = n.div_ceil(columns);
    let block = stretch(rows, tile.y, gap);
    (0..n)
        .map(|index| {
            let (row, column) = (index / columns, index % columns);
            let in_row = columns.min(n - row * columns);
            let left = area.center().x - stretch(in_row, tile.x, gap) / 2.0 + column as f32 * (tile.x + gap);
            let top = area.center().y - block / 2.0 + row as f32 * (tile.y + gap);
            Rect::from_corners(Vec2::new(left, top), Vec2::new(left + tile.x, top + tile.y))
        })
        .collect()
}

/// The length of some tiles and the gaps between them.
fn stretch(count: usize, side: f32, gap: f32) -> f32 {
    count as f32 * side + count.saturating_sub(1) as f32 * gap
}

/// The size of each tile in a number of columns.
fn tile(n: usize, columns: usize, area: Rect) -> Vec2 {
    let (rows, gap) = (n.div_ceil(columns), gap(n));
    let width = ((area.width() - (columns - 1) as f32 * gap) / columns as f32).max(1.0);
    let height = ((area.height() - (rows - 1) as f32 * gap) / rows as f32).max(1.0);
    Vec2::new(width.min(height * WIDEST), height.min(width / NARROWEST))
}

/// How much of a picture shows in each tile: its area without what is cropped.
fn shown(n: usize, columns: usize, area: Rect) -> f32 {
    let tile = tile(n, columns, area);
    let ratio = tile.x / tile.y / PICTURE;
    tile.x * tile.y * ratio.min(1.0 / ratio)
}

fn speaker(n: usize, area: Rect) -> Vec<Rect> {
    let (others, gap) = (n - 1, gap(n));
    let share = match others {
        ..=3 => 0.22,
        4..=8 => 0.3,
        _ => 0.42,
    };
    let (large, strip) = if area.width() >= area.height() {
        let at = area.max.x - area.width() * share;
        (
            Rect::from_corners(area.min, Vec2::new(at - gap, area.max.y)),
            Rect::from_corners(Vec2::new(at, area.min.y), area.max),
        )
    } else {
        let at = area.max.y - area.height() * share;
        (
            Rect::from_corners(area.min, Vec2::new(area.max.x, at - gap)),
            Rect::from_corners(Vec2::new(area.min.x, at), area.max),
        )
    };
    let mut all = grid(1, Rect::from_corners(large.min, large.max.max(large.min + 1.0)));
    all.extend(grid(others, strip));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn areas() -> Vec<Rect> {
        [(896.0, 592.0), (1248.0, 592.0), (560.0, 592.0), (300.0, 900.0), (1888.0, 952.0), (240.0, 200.0)]
            .map(|(width, height)| Rect::new(16.0, 52.0, 16.0 + width, 52.0 + height))
            .to_vec()
    }

    fn each(check: impl Fn(usize, Rect, Vec<Rect>)) {
        for area in areas() {
            for n in 0..=20 {
                for arrangement in [Arrangement::Grid, Arrangement::Speaker] {
                    check(n, area, layout(n, area, arrangement));
                }
            }
        }
    }

    #[test]
    fn everybody_has_a_tile_and_none_is_empty() {
        each(|n, _, tiles| {
            assert_eq!(tiles.len(), n);
            assert!(tiles.iter().all(|tile| tile.width() >= 8.0 && tile.height() >= 8.0), "{tiles:?}");
        });
    }

    #[test]
    fn nothing_is_outside_the_area() {
        each(|_, area, tiles| {
            let area = area.inflate(0.01);
            assert!(tiles.iter().all(|tile| area.contains(tile.min) && area.contains(tile.max)));
        });
    }

    #[test]
    fn no_two_tiles_overlap() {
        each(|_, _, tiles| {
            for (index, one) in tiles.iter().enumerate() {
                for other in &tiles[index + 1..] {
                    let both = one.intersect(*other);
                    assert!(both.width() < 0.01 || both.height() < 0.01, "{one:?} {other:?}");
                }
            }
        });
    }

    #[test]
    fn tiles_keep_a_shape_that_a_picture_can_fill() {
        each(|_, _, tiles| {
            for tile in tiles {
                let ratio = tile.width() / tile.height();
                assert!((NARROWEST - 0.01..=WIDEST + 0.01).contains(&ratio), "{ratio}");
            }
        });
    }

    #[test]
    fn tiles_are_two_by_two_for_four_and_three_by_three_for_nine() {
        let four = layout(4, areas()[0], Arrangement::Grid);
        assert_eq!((four[0].min.y, four[1].min.y), (52.0, 52.0));
        assert!(four[2].min.y > four[0].max.y);
        let nine = layout(9, areas()[1], Arrangement::Grid);
        assert_eq!(nine[2].min.y, 52.0);
        assert!(nine[3].min.y > nine[0].max.y);
    }

    #[test]
    fn the_speaker_is_larger_than_everybody_else() {
        for n in 2..=16 {
            let tiles = layout(n, areas()[1], Arrangement::Speaker);
            assert!(tiles[1..].iter().all(|tile| tile.width() < tiles[0].width()));
        }
    }
}
