//! Why bytes are no content.

use thiserror::Error;

/// What is wrong with bytes of others, or with content that is about to be sent. None of it gets better with a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ContentError {
    #[error("longer than a message may be")]
    TooLarge,
    #[error("ends too early")]
    Truncated,
    #[error("is not well-formed CBOR")]
    Malformed,
    #[error("a text is not UTF-8")]
    NotUtf8,
    #[error("goes on behind its end")]
    Trailing,
    /// RFC 8949, section 4.2.1: a number, a length or a float could be shorter.
    #[error("is not in its shortest form")]
    NotShortest,
    /// RFC 8949, section 4.2.1: the length of a string, an array or a map is not said in front of it.
    #[error("has an item of indefinite length")]
    IndefiniteLength,
    #[error("keys of a map are not in their order")]
    UnsortedKeys,
    #[error("a map has a key twice")]
    DuplicateKey,
    /// Section 6.2 of the draft: neither a text, nor bytes, nor a number that a double holds.
    #[error("a key of a map is of a forbidden kind")]
    ForbiddenKey,
    /// Section 6.2 of the draft: a NaN other than the one of 16 bits.
    #[error("has a NaN of another kind")]
    ForbiddenNan,
    #[error("is nested too deeply")]
    TooDeep,
    #[error("has too many parts")]
    TooManyParts,
    #[error("a part of several has fewer than two")]
    TooFewParts,
    #[error("has too many extensions")]
    TooManyExtensions,
    #[error("reports on too many messages")]
    TooManyStatuses,
    /// Section 9.1 of the draft calls this malicious.
    #[error("parts belong together in an unknown way")]
    UnknownSemantics,
    /// Section 9.1 of the draft calls this malicious.
    #[error("a message ID is of an unknown hash")]
    UnknownHash,
    #[error("{0:?} is of another type or number than it has to be")]
    Unexpected(Field),
    #[error("{0:?} is too long")]
    TooLong(Field),
    #[error("{0:?} is out of its range")]
    OutOfRange(Field),
}

/// A field of the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Content,
    Salt,
    MessageId,
    Topic,
    Expires,
    Extensions,
    ExtensionKey,
    ExtensionValue,
    SenderUri,
    RoomUri,
    Part,
    Disposition,
    Language,
    Cardinality,
    Semantics,
    ContentType,
    PartContent,
    Url,
    Size,
    EncryptionAlgorithm,
    Key,
    Nonce,
    Aad,
    HashAlgorithm,
    ContentHash,
    Description,
    FileName,
    Status,
}
