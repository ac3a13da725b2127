//! A relay of our own on loopback.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use iroh_relay::server::{CertConfig, RelayConfig, Server, ServerConfig, TlsConfig};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

pub struct Relay {
    server: Server,
    pub http: String,
    pub https: Option<String>,
}

impl Relay {
    pub async fn http() -> Self {
        Self::start((Ipv4Addr::LOCALHOST, 0).into(), None).await
    }

    pub async fn https(certificate: &Certificate) -> Self {
        Self::start((Ipv4Addr::LOCALHOST, 0).into(), Some(certificate)).await
    }

    async fn start(at: SocketAddr, certificate: Option<&Certificate>) -> Self {
        let mut relay = RelayConfig::new(at);
        relay.tls = certificate.map(|certificate| {
            TlsConfig::new((Ipv4Addr::LOCALHOST, 0), CertConfig::Manual { server_config: certificate.server() })
        });
        let mut config = ServerConfig::default();
        config.relay = Some(relay);
        let server = Server::spawn(config).await.unwrap();
        let http = format!("http://{}/", server.http_addr().unwrap());
        let https = server.https_addr().map(|at| format!("https://{at}/"));
        Self { server, http, https }
    }

    pub async fn stop(self) -> Stopped {
        let at = self.server.http_addr().unwrap();
        self.server.shutdown().await.unwrap();
        Stopped(at)
    }
}

/// A relay that can come back where it was.
pub struct Stopped(SocketAddr);

impl Stopped {
    pub async fn start(self) -> Relay {
        Relay::start(self.0, None).await
    }
}

/// Self-signed, for 127.0.0.1.
pub struct Certificate(rcgen::CertifiedKey<rcgen::KeyPair>);

impl Certificate {
    pub fn new() -> Self {
        Self(rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap())
    }

    pub fn der(&self) -> Vec<u8> {
        self.0.cert.der().to_vec()
    }

    pub fn pem(&self) -> Vec<u8> {
        self.0.cert.pem().into_bytes()
    }

    fn server(&self) -> rustls::ServerConfig {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let chain: Vec<CertificateDer<'static>> = vec![self.0.cert.der().clone()];
        let key = PrivatePkcs8KeyDer::from(self.0.signing_key.serialize_der());
        rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key.into())
            .unwrap()
    }
}
