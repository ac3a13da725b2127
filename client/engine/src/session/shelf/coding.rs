//! How values of ours are written into the store.

use serde::{Serialize, de::DeserializeOwned};

#[expect(clippy::expect_used, reason = "a type of ours that cannot be written is a fault of the program")]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("these types hold nothing that cannot be written")
}

pub fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
