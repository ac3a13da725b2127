//! The floors of the window, read from its sources: no floor imports a higher one, no feature imports another, and no
//! circle of imports goes through more than one folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// From the bottom up; folders of one row stand beside each other.
const FLOORS: [&[&str]; 9] = [
    &["ui"],
    &["engine"],
    &["stage"],
    &["features"],
    &["pages"],
    &["demo", "testing"],
    &["cli"],
    &["window"],
    &["main"],
];

/// Arrows that still run up or across, as `from -> to`.
const KNOWN_ARROWS: &[&str] = &[];

/// Circles that still go through several folders, each as its folders in order.
const KNOWN_CIRCLES: &[&str] = &[];

/// The modules of the window by their paths (`ui::kit::sheet`), with the modules that each of them names.
struct Sources {
    arrows: BTreeMap<String, BTreeSet<String>>,
    /// The folder that a module's file lies in.
    folders: BTreeMap<String, String>,
}

impl Sources {
    fn read() -> Self {
        let mut texts = BTreeMap::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut texts);
        assert!(texts.len() > 50, "the sources are there");
        let modules: BTreeSet<String> = texts.keys().cloned().collect();
        let named = texts.iter().map(|(module, (_, text))| (module.clone(), arrows(module, text, &modules)));
        let folders = texts.iter().map(|(module, (folder, _))| (module.clone(), folder.clone()));
        Self { arrows: named.collect(), folders: folders.collect() }
    }

    fn reaches(&self, from: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(module) = open.pop() {
            for next in self.arrows.get(module).into_iter().flatten() {
                if seen.insert(next.as_str()) {
                    open.push(next);
                }
            }
        }
        seen
    }
}

/// Production code only: modules of tests are left out, and so is the bench that they stand on.
fn collect(folder: &Path, path: &str, all: &mut BTreeMap<String, (String, String)>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let file = entry.expect("a readable entry").path();
        let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let module = if path.is_empty() { stem.clone() } else { format!("{path}::{stem}") };
        if file.is_dir() {
            collect(&file, &module, all);
        } else if stem != "tests" && stem != "bench" {
            let text = fs::read_to_string(&file).expect("a readable source");
            let module = if stem == "mod" { path.to_owned() } else { module };
            all.insert(module, (path.to_owned(), plain(&text)));
        }
    }
}

/// Without comments, and without the module of tests at the end.
fn plain(text: &str) -> String {
    let end = ["mod tests {", "pub mod tests {"].iter().find_map(|start| text.find(&format!("#[cfg(test)]\n{start}")));
    let code = &text[..end.unwrap_or(text.len())];
    code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The modules that the code of a module names: in its imports, by `crate::` and `super::`, and its own children.
fn arrows(module: &str, code: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let children = code.split("mod ").skip(1).filter_map(|rest| rest.split_once(';')).map(|(name, _)| name.trim());
    let children: BTreeSet<&str> = children.filter(|name| modules.contains(&format!("{module}::{name}"))).collect();
    let mut found = BTreeSet::new();
    for named in paths(code) {
        let mut base: Vec<&str> = if module == "main" { Vec::new() } else { module.split("::").collect() };
        let mut rest: Vec<&str> = named.split("::").collect();
        match rest[0] {
            "crate" => base.clear(),
            "super" => {
                while rest.first() == Some(&"super") {
                    base.pop();
                    rest.remove(0);
                }
                base.extend(rest);
                rest = vec!["super"];
            }
            child if children.contains(child) => {
                base.extend(rest);
                rest = vec!["self"];
            }
            _ => continue,
        }
        base.extend(&rest[1..]);
        // The longest part of the path that is a module.
        while !base.is_empty() && !modules.contains(&base.join("::")) {
            base.pop();
        }
        let target = base.join("::");
        if !target.is_empty() && target != module {
            found.insert(target);
        }
    }
    found
}

/// Every path of at least two names, with the trees of imports written out.
fn paths(code: &str) -> Vec<String> {
    let mut all = Vec::new();
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = code;
    while let Some(at) = rest.find("::") {
        let start = rest[..at].rfind(|c: char| !is_name(c)).map_or(0, |before| before + 1);
        let mut tail = &rest[start..];
        let length = tail.find(|c: char| !is_name(c) && c != ':').unwrap_or(tail.len());
        let head = tail[..length].trim_end_matches(':').to_owned();
        tail = &tail[length..];
        if tail.starts_with('{') {
            tail = tree(&head, &tail[1..], &mut all);
        } else {
            all.push(head);
        }
        rest = tail;
    }
    all
}

/// Writes out the inside of a pair of braces, and returns what comes after it.
fn tree<'a>(head: &str, mut text: &'a str, all: &mut Vec<String>) -> &'a str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if text.is_empty() {
            return text;
        }
        if let Some(after) = text.strip_prefix('}') {
            return after;
        }
        let length = text.find([',', '{', '}']).unwrap_or(text.len());
        let name = text[..length].split(" as ").next().unwrap_or_default().trim().trim_end_matches(':');
        let path = if name == "self" { head.to_owned() } else { format!("{head}::{name}") };
        text = &text[length..];
        match text.strip_prefix('{') {
            Some(inside) => text = tree(&path, inside, all),
            None => all.push(path),
        }
    }
}

/// The number of the floor that a module stands on.
fn floor(module: &str) -> usize {
    let first = module.split("::").next().unwrap_or_default();
    FLOORS.iter().position(|names| names.contains(&first)).unwrap_or_else(|| panic!("{module} stands on no floor"))
}

/// The feature that a module belongs to.
fn feature(module: &str) -> Option<&str> {
    module.strip_prefix("features::").and_then(|rest| rest.split("::").next())
}

#[test]
fn no_floor_imports_a_higher_one_and_no_feature_another() {
    let sources = Sources::read();
    let mut found = BTreeSet::new();
    for (from, targets) in &sources.arrows {
        for to in targets {
            let crosses = matches!((feature(from), feature(to)), (Some(from), Some(to)) if from != to);
            if floor(to) > floor(from) || crosses {
                found.insert(format!("{from} -> {to}"));
            }
        }
    }
    let known: BTreeSet<String> = KNOWN_ARROWS.iter().map(|arrow| (*arrow).to_owned()).collect();
    let (new, gone): (Vec<_>, Vec<_>) = (found.difference(&known).collect(), known.difference(&found).collect());
    assert!(new.is_empty(), "arrows that run up or across: {new:#?}");
    assert!(gone.is_empty(), "arrows that are gone, to be taken off the list: {gone:#?}");
}

#[test]
fn no_circle_of_imports_goes_through_two_folders() {
    let sources = Sources::read();
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        sources.arrows.keys().map(|module| (module.as_str(), sources.reaches(module))).collect();
    let mut found = BTreeSet::new();
    for (module, reach) in &reached {
        let circle = reach.iter().filter(|other| reached.get(**other).is_some_and(|back| back.contains(module)));
        let folders: BTreeSet<&str> = circle.map(|other| sources.folders[*other].as_str()).collect();
        if folders.len() > 1 {
            found.insert(folders.into_iter().collect::<Vec<_>>().join(", "));
        }
    }
    let known: BTreeSet<String> = KNOWN_CIRCLES.iter().map(|circle| (*circle).to_owned()).collect();
    assert_eq!(found, known, "circles of imports, by the folders that they go through");
}

#[test]
fn trees_of_imports_are_written_out() {
    let code = "use crate::{a::{self, B}, c::d as e};\nfn f() { crate::g::h(super::i::J) }";
    assert_eq!(paths(code), ["crate::a", "crate::a::B", "crate::c::d", "crate::g::h", "super::i::J"]);
}
