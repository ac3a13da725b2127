//! The keys of one who sends and one who receives.

use benches::people;
use group_crypto::{MemberId, Opener, RunId, Sealer, Suite};
use media::{EncodedFrame, SealedFrame};

pub struct Keys {
    sealer: Sealer,
    opener: Opener,
    from: MemberId,
}

impl Keys {
    /// Of two members of a group of two.
    pub fn new() -> Self {
        let company = people::company(2, Suite::PostQuantum);
        let keys = company.founder.epoch_keys();
        let mut opener = Opener::new();
        opener.add_epoch(&keys, company.founder.members());
        let sealer = Sealer::new(&keys, company.founder.me(), RunId::generate());
        opener.set_run(company.founder.my_id(), sealer.run());
        Self { sealer, opener, from: company.founder.my_id() }
    }

    pub fn seal(&mut self, frame: &EncodedFrame) -> SealedFrame {
        let mut sealed = Vec::new();
        self.sealer
            .seal(frame.stream.context(), &frame.to_plaintext(), &mut sealed)
            .expect("the keys last for more frames than this");
        SealedFrame::of(frame, sealed)
    }

    pub fn open(&mut self, sealed: &SealedFrame) -> EncodedFrame {
        let mut plaintext = Vec::with_capacity(sealed.bytes().len());
        self.opener.open(self.from, sealed.bytes(), &mut plaintext).expect("a frame of ours, for the first time");
        EncodedFrame::from_plaintext(sealed.stream, plaintext).expect("what we sealed ourselves")
    }
}
