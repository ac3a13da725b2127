//! A root of one's own and a certificate under it, made anew for each run: clients trust exactly this relay, for as
//! long as it runs.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
    #[error("TLS does not take the certificate: {0}")]
    Take(#[from] rustls::Error),
}

/// A TLS server's half, and what its clients need in order to trust it.
pub struct Identity {
    pub server: rustls::ServerConfig,
    /// The root, as PEM.
    pub root: String,
}

/// Makes a root and a certificate under it for a server of these names: DNS names, or IP addresses as text.
///
/// # Errors
/// When a name is neither, or no randomness can be had.
pub fn make(names: Vec<String>) -> Result<Identity, Error> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "In Camera laboratory");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(names)?.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let server = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(Identity { server, root: authority.pem() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_one_pem_certificate_and_another_each_time() -> Result<(), Error> {
        let first = make(vec!["127.0.0.1".into(), "localhost".into()])?.root;
        assert_eq!(first.matches("-----BEGIN CERTIFICATE-----").count(), 1);
        assert_ne!(first, make(vec!["127.0.0.1".into()])?.root);
        Ok(())
    }

    #[test]
    fn a_name_that_no_certificate_can_carry_is_refused() {
        assert!(matches!(make(vec!["café".into()]), Err(Error::Make(_))));
    }
}
