//! The two MLS cipher suites a room can have.

use mls_rs::CipherSuite;

/// An MLS cipher suite (RFC 9420, section 5.1). Both sign with Ed25519 and hash with SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Suite {
    /// X25519 and ML-KEM-768 combined: what is recorded today stays closed to a quantum computer.
    #[default]
    PostQuantum,
    /// X25519 alone: the fallback, with far smaller messages.
    Classical,
}

impl Suite {
    pub const ALL: [Suite; 2] = [Suite::PostQuantum, Suite::Classical];

    /// The name to show and to log.
    pub fn name(self) -> &'static str {
        match self {
            Suite::PostQuantum => "X25519MLKEM768_AES128GCM_SHA256_Ed25519",
            Suite::Classical => "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
        }
    }

    /// The number on the wire: a private-use one for the hybrid, which has no registered number yet.
    pub(crate) fn mls(self) -> CipherSuite {
        match self {
            Suite::PostQuantum => CipherSuite::ML_KEM_768_X25519,
            Suite::Classical => CipherSuite::CURVE25519_AES128,
        }
    }
}
