//! The DTLS certificate of one run, and the fingerprint by which the others know it.

use std::sync::Arc;

use str0m::config::{CryptoProvider, DtlsCert};
use str0m::crypto::from_feature_flags;

/// SHA-256 of a DTLS certificate (RFC 8122, section 5). Not secret, but it tells runs apart, so `Debug` shows nothing of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

/// The system gave no randomness or no key. Trying again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a DTLS certificate could not be made")]
pub struct CertificateError;

/// A self-signed certificate, made once per run and shared by all peers.
#[derive(Clone)]
pub struct Certificate {
    certificate: DtlsCert,
    fingerprint: Fingerprint,
    crypto: Arc<CryptoProvider>,
}

impl Certificate {
    pub fn generate() -> Result<Self, CertificateError> {
        let crypto = Arc::new(from_feature_flags());
        let certificate = crypto.dtls_provider.generate_certificate().ok_or(CertificateError)?;
        let fingerprint = Fingerprint(crypto.sha256_provider.sha256(&certificate.certificate));
        Ok(Self { certificate, fingerprint, crypto })
    }

    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(super) fn dtls(&self) -> DtlsCert {
        self.certificate.clone()
    }

    pub(super) fn crypto(&self) -> Arc<CryptoProvider> {
        self.crypto.clone()
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificate(..)")
    }
}
