mod agreement;
mod agreement_restore;
mod comparison;
mod content;
mod dht;
mod files;
mod gather;
mod genuine;
mod group;
mod peer;
mod picture;
mod repair;
mod reports;
mod saved_group;
mod voice;

use engine::fuzzing;

use crate::Target;

/// Those that a member of a room reaches come first.
pub const TARGETS: &[Target] = &[
    Target { name: "hostile", longest: 512, run: fuzzing::hostile, words: HOSTILE },
    Target { name: "picture", longest: 1024, run: picture::run, words: UNITS },
    plain("voice", 2048, voice::run),
    plain("repair", 512, repair::run),
    plain("reports", 2048, reports::run),
    plain("peer", 1024, peer::run),
    plain("shown", 1024, fuzzing::shown),
    plain("link", 1024, fuzzing::link),
    plain("nearby", 2048, fuzzing::nearby),
    Target { name: "content", longest: 2048, run: content::run, words: content::WORDS },
    plain("dht", 2600, dht::run),
    plain("files", 8192, files::run),
    plain("restored", 512, fuzzing::restored),
    plain("agreement", 1024, agreement::run),
    plain("agreement_restore", 2048, agreement_restore::run),
    plain("comparison", 1200, comparison::run),
    plain("envelope", 2048, |bytes| _ = fuzzing::envelope(bytes)),
    plain("gather", 1024, gather::run),
    plain("group", 2048, group::run),
    plain("import", 4096, |bytes| _ = fuzzing::import(bytes)),
    plain("invitation", 1200, |bytes| _ = fuzzing::invitation(bytes)),
    plain("message", 4096, |bytes| _ = fuzzing::message(bytes)),
    plain("record", 1000, |bytes| _ = fuzzing::record(bytes)),
    plain("saved_group", 2048, saved_group::run),
];

/// Acts, and what many attacks begin with: see `hostile` in the engine.
const HOSTILE: &[&[u8]] = &[
    b"rl1",
    b"c0c1c2l3",
    b"i",
    b"v0",
    b"v1",
    b"z0",
    b"z1",
    b"z2",
    b"ul8",
    b"x",
    b"n2",
    b"n0",
    b"k0",
    b"k1",
    b"l9",
    b"q\x80",
    b"m0",
    b"m1",
    b"m4",
    b"m6",
    b"m7",
    b"m8",
    b"m9",
    b"m:",
    b"m;",
    b"m<",
    b"m=",
    b"m@",
    b"m>",
    b"m?",
    b"s1",
    b"s2",
    b"s3",
    b"s4",
    b"s5",
    b"s6",
    b"s7",
    b"o\xff0",
    b"o\x401",
    b"g",
    b"a1\x070",
    b"h0",
    b"h1",
    b"p1",
    b"{",
    b"|",
    b"y9",
    b"e0",
    b"f0",
    b"j0",
    b"d",
];

/// The beginnings of units of H.264.
const UNITS: &[&[u8]] =
    &[b"\0\0\0\x01\x67", b"\0\0\0\x01\x68", b"\0\0\0\x01\x65", b"\0\0\0\x01\x41", b"\0\0\x03", b"\xe1\xe6"];

const fn plain(name: &'static str, longest: usize, run: fn(&[u8])) -> Target {
    Target { name, longest, run, words: &[] }
}
