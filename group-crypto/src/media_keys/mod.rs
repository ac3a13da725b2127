//! Media keys of an epoch: sealing and opening whole frames with SFrame (RFC 9605).
//!
//! All members of an epoch share its base key. A frame that opens was therefore sealed by *some*
//! member; which one is claimed by its key id, and only the link it came over can prove it.
//!
//! Every run of a sender has keys of its own, made of the epoch's base key and its [`RunId`]: a
//! restart counts from zero again, under keys that were never used.
//!
//! A room whose members lose sight of each other may go on as two *branches*, and both have an epoch of the same number.
//! What tells epochs apart is therefore their [`EpochId`]; numbers and key ids only say where to look.

mod cipher;
mod epoch_keys;
mod history;
mod key_id;
mod opener;
mod run;
mod sealer;
#[cfg(test)]
mod vectors;

pub(crate) use epoch_keys::BaseKey;
pub use epoch_keys::{EpochId, EpochKeys};
pub use key_id::KeyId;
pub use opener::{OpenError, Opened, Opener, RETAINED_EPOCHS};
pub use run::RunId;
pub use sealer::{RotateError, SealError, Sealer};
