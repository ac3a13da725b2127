//! Content that lies elsewhere: where, how long, and the key that opens it.

use crate::{
    cbor::{Reader, Writer},
    error::{ContentError, Field},
};

/// A media type with its parameters, in bytes.
pub const MAX_CONTENT_TYPE: usize = 512;
/// A URL, in bytes.
const MAX_URL: usize = 2 * 1024;
/// A key, a nonce or a hash, in bytes: the longest that IANA's registries have.
const MAX_KEY: usize = 64;
/// What is authenticated beside the content, in bytes.
const MAX_AAD: usize = 1024;
/// A description, in bytes.
const MAX_DESCRIPTION: usize = 4 * 1024;
/// A file's name, in bytes: what file systems take.
const MAX_FILE_NAME: usize = 255;

/// `ExternalPart` of the draft (section 4.5), without its cardinality. The name and the type are the sender's words.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct External {
    pub content_type: String,
    pub url: String,
    /// In seconds of Unix time; 0 when it does not end.
    pub expires: u32,
    /// In bytes; 0 when it is not said.
    pub size: u64,
    /// IANA's number of an AEAD; 0 when the content is not encrypted.
    pub encryption: u16,
    pub key: Vec<u8>,
    pub nonce: Vec<u8>,
    pub aad: Vec<u8>,
    /// IANA's number of a named information hash; 0 when there is none.
    pub hash_algorithm: u8,
    pub content_hash: Vec<u8>,
    pub description: String,
    pub file_name: String,
}

impl External {
    /// Items in the array of a part, those of every part left out.
    pub(crate) const FIELDS: u64 = 12;

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ContentError> {
        Ok(Self {
            content_type: reader.text(Field::ContentType, MAX_CONTENT_TYPE)?.to_owned(),
            url: reader.text(Field::Url, MAX_URL)?.to_owned(),
            expires: reader.number(Field::Expires)?,
            size: reader.number(Field::Size)?,
            encryption: reader.number(Field::EncryptionAlgorithm)?,
            key: reader.bytes(Field::Key, MAX_KEY)?.to_owned(),
            nonce: reader.bytes(Field::Nonce, MAX_KEY)?.to_owned(),
            aad: reader.bytes(Field::Aad, MAX_AAD)?.to_owned(),
            hash_algorithm: reader.number(Field::HashAlgorithm)?,
            content_hash: reader.bytes(Field::ContentHash, MAX_KEY)?.to_owned(),
            description: reader.text(Field::Description, MAX_DESCRIPTION)?.to_owned(),
            file_name: reader.text(Field::FileName, MAX_FILE_NAME)?.to_owned(),
        })
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.text(&self.content_type);
        out.text(&self.url);
        out.number(self.expires);
        out.number(self.size);
        out.number(self.encryption);
        out.bytes(&self.key);
        out.bytes(&self.nonce);
        out.bytes(&self.aad);
        out.number(self.hash_algorithm);
        out.bytes(&self.content_hash);
        out.text(&self.description);
        out.text(&self.file_name);
    }
}
