//! Where and when it was measured: figures without it say nothing.

use std::process::Command;

use crate::report::Machine;

pub fn this() -> Machine {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let processor = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let first = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    Machine {
        processor: processor.map_or("an unknown processor", |(_, name)| name.trim()).to_owned(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        system: first("uname", &["-sm"]).unwrap_or_else(|| std::env::consts::OS.to_owned()),
        commit: first("git", &["-C", env!("CARGO_MANIFEST_DIR"), "describe", "--always", "--dirty"])
            .unwrap_or_else(|| "unknown".to_owned()),
        date: chrono::Local::now().format("%-d %B %Y").to_string(),
        command: String::new(),
    }
}
