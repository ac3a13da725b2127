//! One picture of it all: cores by people, and where they go. SVG, written by hand: it is two charts of bars.

use std::fmt::Write;

use crate::report::{Class, Report, Stage};

const WIDTH: f64 = 920.0;
const TOP: f64 = 64.0;
const HIGH: f64 = 260.0;
const HEIGHT: f64 = TOP + HIGH + 96.0;
const LEFT: (f64, f64) = (56.0, 470.0);
const RIGHT: (f64, f64) = (560.0, 904.0);

const OURS: &str = "#2f6fde";
const FLOOR: &str = "#9db8ea";
const THEIRS: &str = "#d9822b";
const INK: &str = "#222";
const FAINT: &str = "#ddd";

/// The picture, of whatever was measured.
pub fn svg(report: &Report) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"{INK}\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    cores(report, &mut out);
    shares(report, &mut out);
    let machine = &report.machine;
    let foot = format!("{}, {} cores, {}, {}", machine.processor, machine.cores, machine.date, machine.commit);
    text(&mut out, (16.0, HEIGHT - 10.0), "start", 10, &foot);
    out.push_str("</svg>\n");
    out
}

/// Cores by people: the codecs alone, ours, Chromium's.
fn cores(report: &Report, out: &mut String) {
    heading(out, LEFT, "Cores of a whole room on one machine");
    let theirs = |people| report.chromium.iter().find(|browser| browser.people == people).map_or(0.0, |b| b.cores);
    let tallest = report.rooms.iter().map(|room| room.cores.max(theirs(room.people))).fold(0.1, f64::max);
    let step = nice(tallest / 5.0);
    let top = (tallest / step).ceil() * step;
    axis(out, LEFT, top, step);
    let slot = (LEFT.1 - LEFT.0) / report.rooms.len().max(1) as f64;
    let bar = slot / 4.0;
    for (nth, room) in report.rooms.iter().enumerate() {
        let left = LEFT.0 + slot * nth as f64 + bar / 2.0;
        for (place, value, colour) in
            [(0.0, room.floor, FLOOR), (1.0, room.cores, OURS), (2.0, theirs(room.people), THEIRS)]
        {
            let high = value / top * HIGH;
            rectangle(out, (left + place * bar, TOP + HIGH - high), (bar * 0.92, high), colour);
        }
        let middle = left + 1.5 * bar;
        text(out, (middle, TOP + HIGH + 16.0), "middle", 12, &room.people.to_string());
        text(out, (middle, TOP + HIGH + 30.0), "middle", 9, &format!("{}p", room.height));
        text(out, (middle, TOP + HIGH + 42.0), "middle", 9, &format!("{:.0} fps", room.quality.slowest_fps));
    }
    let keys = [(FLOOR, "codecs alone"), (OURS, "In Camera"), (THEIRS, "Chromium")];
    for (nth, (colour, name)) in keys.into_iter().enumerate() {
        let left = LEFT.0 + 110.0 * nth as f64;
        rectangle(out, (left, HEIGHT - 38.0), (10.0, 10.0), colour);
        text(out, (left + 15.0, HEIGHT - 29.0), "start", 11, name);
    }
}

/// The costliest stages of a room of eight.
fn shares(report: &Report, out: &mut String) {
    const PEOPLE: u32 = 8;
    const MOST: usize = 12;
    heading(out, RIGHT, "Stages in a room of 8, devices included, in cores");
    let mut stages: Vec<&Stage> =
        report.stages.iter().filter(|stage| ![Class::Camera, Class::Paced].contains(&stage.class)).collect();
    stages.sort_by(|a, b| b.cores(PEOPLE).total_cmp(&a.cores(PEOPLE)));
    let longest = stages.first().map_or(1.0, |stage| stage.cores(PEOPLE));
    let high = HIGH / MOST as f64;
    for (nth, stage) in stages.into_iter().take(MOST).enumerate() {
        let (value, y) = (stage.cores(PEOPLE), TOP + high * nth as f64);
        let names = 160.0;
        let long = value / longest * (RIGHT.1 - RIGHT.0 - names - 40.0);
        let colour = if stage.class == Class::Codec { FLOOR } else { OURS };
        text(out, (RIGHT.0 + names - 6.0, y + high * 0.65), "end", 11, stage.name);
        rectangle(out, (RIGHT.0 + names, y + high * 0.15), (long, high * 0.7), colour);
        text(out, (RIGHT.0 + names + long + 5.0, y + high * 0.65), "start", 10, &format!("{value:.3}"));
    }
}

fn heading(out: &mut String, (left, _): (f64, f64), title: &str) {
    let _ = writeln!(out, "<text x=\"{left}\" y=\"36\" font-size=\"15\" font-weight=\"bold\">{title}</text>");
}

fn axis(out: &mut String, (left, right): (f64, f64), top: f64, step: f64) {
    for nth in 0..=(top / step).round() as u32 {
        let value = step * f64::from(nth);
        let y = TOP + HIGH - value / top * HIGH;
        let _ = writeln!(out, "<path d=\"M{left:.1} {y:.1}H{right:.1}\" stroke=\"{FAINT}\"/>");
        text(out, (left - 6.0, y + 4.0), "end", 11, &format!("{value:.1}"));
    }
}

fn rectangle(out: &mut String, (x, y): (f64, f64), (wide, high): (f64, f64), colour: &str) {
    let _ =
        writeln!(out, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" fill=\"{colour}\"/>");
}

fn text(out: &mut String, (x, y): (f64, f64), anchor: &str, size: u32, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ =
        writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{words}</text>");
}

/// The next of 1, 2 and 5 times a power of ten.
fn nice(step: f64) -> f64 {
    let power = 10f64.powf(step.max(0.01).log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|nice| *nice >= step).unwrap_or(power)
}
