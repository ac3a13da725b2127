//! Whole rooms in simulated time: every member in one thread, over links with delay and a seeded bad network.

mod carrying;
mod contacts;
mod disk;
mod forwarder;
mod large;
mod middle;
mod sharing;
mod suites;
mod tests;
mod trust;
mod uplink;
mod versions;
mod voice;
mod world;
