//! Whole rooms in simulated time: members join, leave, are removed, crash, restart and lose each other, and every step is
//! held against a small model.

mod model;
mod person;
mod seeds;
mod times;
mod world;
