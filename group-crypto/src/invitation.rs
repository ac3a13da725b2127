//! The secret of an invitation: what it proves, and the MLS pre-shared key made from it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::hmac;
use mls_rs::PreSharedKeyStorage;
use mls_rs::psk::{ExternalPskId, PreSharedKey};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::MemberId;
use crate::derive::{expand, first_bytes, random};
use crate::redact::redacted_debug;

// One label per purpose: no value derived from the secret tells anything about another.
const ID_LABEL: &[u8] = b"In Camera 1 invitation id";
const PSK_LABEL: &[u8] = b"In Camera 1 invitation psk";
const TAG_LABEL: &[u8] = b"In Camera 1 invitation tag";
const PAIR_LABEL: &[u8] = b"In Camera 1 invitation pair";

/// The secret of an invitation: 32 random bytes, wiped when dropped.
///
/// It goes into the key schedule of the epoch that admits its holder (an external pre-shared key,
/// RFC 9420, section 8.4), so whoever carries or reorders the messages of the join learns nothing
/// and can join nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct InvitationSecret([u8; 32]);

redacted_debug!(InvitationSecret);

/// Names an invitation without giving its secret away. Safe on the wire between members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InvitationId(pub [u8; 16]);

impl InvitationSecret {
    pub fn generate() -> Self {
        Self(random())
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Derived one way from the secret.
    pub fn id(&self) -> InvitationId {
        let mut id = [0; 16];
        expand(&self.0, &[ID_LABEL], &mut id);
        InvitationId(id)
    }

    /// Proves that whoever sends `key_package` knows the secret (HMAC-SHA256).
    pub fn tag(&self, key_package: &[u8]) -> [u8; 32] {
        first_bytes(hmac::sign(&self.tag_key(), key_package).as_ref())
    }

    /// Checks a [`tag`](Self::tag) in constant time.
    pub fn verify_tag(&self, key_package: &[u8], tag: &[u8; 32]) -> bool {
        hmac::verify(&self.tag_key(), key_package, tag).is_ok()
    }

    /// By which the invitation's maker and `newcomer`, who came in with it, find each other until they have a secret that
    /// the invitation does not give away.
    pub fn first_pair(&self, newcomer: MemberId) -> [u8; 32] {
        let mut pair = [0; 32];
        expand(&self.0, &[PAIR_LABEL, &newcomer.0], &mut pair);
        pair
    }

    fn tag_key(&self) -> hmac::Key {
        let mut key = Zeroizing::new([0; 32]);
        expand(&self.0, &[TAG_LABEL], &mut key);
        hmac::Key::new(hmac::HMAC_SHA256, key.as_ref())
    }

    fn psk(&self) -> PreSharedKey {
        let mut psk = Zeroizing::new([0; 32]);
        expand(&self.0, &[PSK_LABEL], &mut psk);
        PreSharedKey::from(Zeroizing::new(psk.to_vec()))
    }
}

impl InvitationId {
    pub(crate) fn psk_id(self) -> ExternalPskId {
        ExternalPskId::new(self.0.to_vec())
    }
}

/// The invitations a member knows; clones share one store, as MLS asks of its storages.
#[derive(Clone, Default)]
pub(crate) struct Invitations(Arc<Mutex<BTreeMap<ExternalPskId, Entry>>>);

struct Entry {
    psk: PreSharedKey,
    asked_for: bool,
}

redacted_debug!(Invitations);

impl Invitations {
    pub fn learn(&self, secret: &InvitationSecret) {
        self.lock().entry(secret.id().psk_id()).or_insert_with(|| Entry { psk: secret.psk(), asked_for: false });
    }

    pub fn forget(&self, id: InvitationId) {
        self.lock().remove(&id.psk_id());
    }

    pub fn knows(&self, id: InvitationId) -> bool {
        self.lock().contains_key(&id.psk_id())
    }

    /// Whether MLS has ever asked for this key: only then was it part of a key schedule.
    pub fn was_asked_for(&self, id: InvitationId) -> bool {
        self.lock().get(&id.psk_id()).is_some_and(|entry| entry.asked_for)
    }

    /// The pre-shared keys by id, sorted: what [`restore`](Self::restore) takes.
    pub fn keys(&self) -> Vec<(Vec<u8>, Zeroizing<Vec<u8>>)> {
        let keys = self.lock();
        keys.iter().map(|(id, entry)| (id.to_vec(), Zeroizing::new(entry.psk.raw_value().to_vec()))).collect()
    }

    pub fn restore(keys: impl Iterator<Item = (Vec<u8>, Zeroizing<Vec<u8>>)>) -> Self {
        let entries = keys
            .map(|(id, psk)| (ExternalPskId::new(id), Entry { psk: PreSharedKey::from(psk), asked_for: false }))
            .collect();
        Self(Arc::new(Mutex::new(entries)))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ExternalPskId, Entry>> {
        // No code panics between two halves of a change to the map, so it is whole even then.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PreSharedKeyStorage for Invitations {
    type Error = Infallible;

    fn get(&self, id: &ExternalPskId) -> Result<Option<PreSharedKey>, Infallible> {
        Ok(self.lock().get_mut(id).map(|entry| {
            entry.asked_for = true;
            entry.psk.clone()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_holds_for_its_secret_and_its_key_package_only() {
        let secret = InvitationSecret::from_bytes([7; 32]);
        let mut tag = secret.tag(b"key package");
        assert!(secret.verify_tag(b"key package", &tag));
        assert!(!secret.verify_tag(b"another", &tag));
        assert!(!InvitationSecret::generate().verify_tag(b"key package", &tag));
        tag[31] ^= 1;
        assert!(!secret.verify_tag(b"key package", &tag));
    }

    #[test]
    fn id_tag_and_pre_shared_key_are_unrelated_values() {
        let secret = InvitationSecret::from_bytes([7; 32]);
        let psk = secret.psk();
        assert_ne!(psk.raw_value()[..16], secret.id().0);
        assert_ne!(psk.raw_value(), secret.as_bytes());
        assert_ne!(secret.tag(b"")[..16], secret.id().0);
    }
}
