//! The keys of one who sends and one who receives.

use group_crypto::{MemberId, Opener, RunId, SealError, Sealer, Suite};
use media::{EncodedFrame, Open, OpenError, ReceivedFrame, Seal};

use crate::people;

/// Why sealing does not fail here.
pub const LASTS: &str = "the keys last for more frames than this";
/// Why opening does not fail here.
pub const OPENS: &str = "a frame of ours, for the first time";

/// Seals what one of a group of two sends, and opens it for the other.
pub struct Keys {
    sealer: Sealer,
    opener: Opener,
    from: MemberId,
}

impl Keys {
    /// Of the two members of a group.
    pub fn of_two() -> Self {
        let company = people::company(2, Suite::PostQuantum);
        let keys = company.founder.epoch_keys();
        let mut opener = Opener::new();
        opener.add_epoch(&keys, company.founder.members());
        let sealer = Sealer::new(&keys, company.founder.me(), RunId::generate());
        opener.set_run(company.founder.my_id(), sealer.run());
        Self { sealer, opener, from: company.founder.my_id() }
    }
}

impl Seal for Keys {
    type Error = SealError;

    fn seal_bytes(&mut self, frame: &EncodedFrame) -> Result<Vec<u8>, SealError> {
        let mut sealed = Vec::new();
        self.sealer.seal(frame.stream.context(), &frame.to_plaintext(), &mut sealed)?;
        Ok(sealed)
    }
}

impl Open for Keys {
    fn open(&mut self, frame: &ReceivedFrame) -> Result<EncodedFrame, OpenError> {
        let mut plaintext = Vec::with_capacity(frame.bytes().len());
        self.opener.open(self.from, frame.bytes(), &mut plaintext).map_err(|_| OpenError::Rejected)?;
        EncodedFrame::from_plaintext(frame.stream, plaintext).ok_or(OpenError::Rejected)
    }
}
