//! The figures as tables: for a terminal, and as Markdown.

mod whole;

use std::fmt::Write;

use crate::report::{Class, Per, Report, Stage};
use whole::{beside, rooms, totals};

struct Table {
    title: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    note: String,
}

pub fn text(report: &Report) -> String {
    render(report, |table, out| {
        let width = |column: usize| {
            let cells = table.rows.iter().map(|row| row[column].chars().count());
            cells.chain([table.columns[column].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..table.columns.len()).map(width).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let cells = cells.zip(&widths).enumerate();
            // Names to the left, numbers to the right.
            let cells = cells.map(|(at, (cell, &wide))| match at {
                0 => format!("{cell:<wide$}"),
                _ => format!("{cell:>wide$}"),
            });
            format!("  {}\n", cells.collect::<Vec<_>>().join("  "))
        };
        let _ = writeln!(out, "\n{}", table.title);
        out.push_str(&line(&mut table.columns.iter().copied()));
        for row in &table.rows {
            out.push_str(&line(&mut row.iter().map(String::as_str)));
        }
        if !table.note.is_empty() {
            let _ = writeln!(out, "  {}", table.note);
        }
    })
}

pub fn markdown(report: &Report) -> String {
    render(report, |table, out| {
        let _ = writeln!(out, "\n**{}**\n", table.title);
        let _ = writeln!(out, "| {} |", table.columns.join(" | "));
        let rules = (0..table.columns.len()).map(|at| if at == 0 { "---" } else { "---:" });
        let _ = writeln!(out, "| {} |", rules.collect::<Vec<_>>().join(" | "));
        for row in &table.rows {
            let _ = writeln!(out, "| {} |", row.join(" | "));
        }
        if !table.note.is_empty() {
            let _ = writeln!(out, "\n{}", table.note);
        }
    })
}

fn render(report: &Report, one: impl Fn(&Table, &mut String)) -> String {
    let machine = &report.machine;
    let mut out = format!(
        "{}, {} cores, {}; {}, commit {}: `{}`\n",
        machine.processor, machine.cores, machine.system, machine.date, machine.commit, machine.command
    );
    let tables =
        [rooms, beside, narrow, totals, stages, pictures, speech, cleaned, mixed, soak].map(|table| table(report));
    for table in tables.into_iter().filter(|table| !table.rows.is_empty()) {
        one(&table, &mut out);
    }
    for lacking in &report.lacking {
        let _ = writeln!(out, "\nNOT MEASURED: {lacking}");
    }
    out
}

fn stages(report: &Report) -> Table {
    let row = |stage: &Stage| {
        vec![
            stage.name.to_owned(),
            stage.unit.to_owned(),
            match stage.per {
                Per::Person => "once",
                Per::Other => "for each other",
            }
            .to_owned(),
            format!("{:.1}", stage.micros),
            format!("{:.2} %", 100.0 * stage.core()),
            if stage.class == Class::Camera { "-".to_owned() } else { format!("{:.3}", stage.cores(4)) },
            if stage.class == Class::Camera { "-".to_owned() } else { format!("{:.3}", stage.cores(8)) },
        ]
    };
    Table {
        title: "Stages of the frame's way: 640x360 at 30 fps and 500 kbps, voice of 20 ms at 32 kbps",
        columns: vec!["stage", "unit", "paid", "us", "of a core", "room of 4, cores", "room of 8, cores"],
        rows: report.stages.iter().map(row).collect(),
        note: String::new(),
    }
}

fn pictures(report: &Report) -> Table {
    let rows = report.pictures.iter().map(|quality| {
        vec![
            format!("{}x{}", quality.width, quality.height),
            quality.asked_kbps.to_string(),
            format!("{:.0}", quality.kbps),
            format!("{:.1}", quality.psnr_db),
            format!("{:.3}", quality.ssim),
            format!("{:.1} %", 100.0 * quality.skipped),
        ]
    });
    Table {
        title: "Pictures by rate, 25 fps",
        columns: vec!["size", "kbps asked", "kbps", "PSNR dB", "SSIM", "left out"],
        rows: rows.collect(),
        note: report.clip.to_owned(),
    }
}

fn speech(report: &Report) -> Table {
    let rows = report.speech.iter().map(|quality| {
        vec![
            quality.network.clone(),
            quality.pesq.map_or("-".to_owned(), |pesq| format!("{pesq:.2}")),
            quality.least_pesq.map_or("-".to_owned(), |pesq| format!("{pesq:.2}")),
            format!("{:.0}", quality.kbps),
            format!("{:.2} %", 100.0 * quality.concealed),
            format!("{:.0}", quality.delay_ms),
        ]
    });
    Table {
        title: "Speech by loss",
        columns: vec!["network", "PESQ-WB", "least", "kbps", "concealed", "delay ms"],
        rows: rows.collect(),
        note: "Means of several seeds, and the least score. Rates are of Opus and its repair, before sealing."
            .to_owned(),
    }
}

fn narrow(report: &Report) -> Table {
    let rows = report.narrow.iter().map(|room| {
        vec![
            room.what.to_owned(),
            room.streams.to_string(),
            room.over_a_second.to_string(),
            format!("{} / {}", room.middle_still_ms, room.longest_still_ms),
            format!("{:.1}", room.slowest_fps),
            format!("{:.2} %", 100.0 * room.unheard),
            room.kbps.to_string(),
            format!("{} of {}", room.carried, room.seeds),
        ]
    });
    Table {
        title: "Little upload: rooms in simulated time, 25 fps",
        columns: vec![
            "people",
            "streams",
            "still over 1 s",
            "longest still ms: middle / worst",
            "slowest fps",
            "unheard",
            "kbps",
            "carried",
        ],
        rows: rows.collect(),
        note: "Where one has less than the others, of the pictures and sound of that one.".to_owned(),
    }
}

fn cleaned(report: &Report) -> Table {
    let score = |pesq: Option<f64>| pesq.map_or("-".to_owned(), |pesq| format!("{pesq:.2}"));
    let rows = report.cleaned.iter().map(|cleaned| {
        vec![
            cleaned.what.clone(),
            format!("{:.1}", cleaned.taken_db),
            format!("{:+.1}", cleaned.level_db),
            format!("{:.2}", cleaned.likeness),
            score(cleaned.pesq_before),
            score(cleaned.pesq_after),
        ]
    });
    Table {
        title: "Speech processing: echo, noise and gain together",
        columns: vec!["beside the voice", "less of it, dB", "voice, dB", "likeness", "PESQ-WB before", "after"],
        rows: rows.collect(),
        note: "Of an echo while nobody else speaks; the rest of its row is of both speaking at once.".to_owned(),
    }
}

fn mixed(report: &Report) -> Table {
    let rows = report.mixed.iter().map(|mixed| {
        vec![
            mixed.people.to_string(),
            mixed.talking.to_string(),
            format!("{:.1}", mixed.decode_us),
            format!("{:.1}", mixed.mix_us),
            format!("{:.2} %", (mixed.decode_us + mixed.mix_us) / 100.0),
        ]
    });
    Table {
        title: "Many voices at once, for 10 ms",
        columns: vec!["others", "talking", "jitter buffers, decoders us", "mix us", "of a core"],
        rows: rows.collect(),
        note: String::new(),
    }
}

fn soak(report: &Report) -> Table {
    let rows = report.soak.iter().flat_map(|soak| {
        soak.held.iter().map(move |held| {
            vec![
                soak.what.to_owned(),
                format!("{:.2}", soak.hours),
                held.name.to_owned(),
                format!("{:.2}", held.early),
                format!("{:.2}", held.late),
                format!("{:.2}", held.most),
                if held.is_flat() { "flat" } else { "NOT FLAT" }.to_owned(),
            ]
        })
    });
    Table {
        title: "Endurance",
        columns: vec!["what", "hours", "held", "early", "late", "at most", ""],
        rows: rows.collect(),
        note: String::new(),
    }
}
