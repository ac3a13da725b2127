//! Messages of a conversation as MIMI content, in a typed and bounded form that gives the same bytes again.
//!
//! [`MimiContent`] is the container of draft-ietf-mimi-content-08, and [`StatusReport`] what draft-mahy-mimi-message-status-01
//! says of messages that came: CBOR in its deterministic encoding (RFC 8949, section 4.2.1) and in no other. What the drafts do
//! not name, such as a disposition, a key of the extensions or a cardinality, is kept as it came. What breaks one of their
//! rules, or a bound of `docs/limits.md`, is an error before memory is taken for it.
//!
//! [`Message`] is the same content as a person knows it: a text, an answer, a reaction, an edit, a deletion, an attachment. It
//! is a view: what is kept and sent are the bytes.
//!
//! The crate knows no rooms, links, stores or windows. Time, randomness and the URIs of members are arguments.

// A test may be blunt. Elsewhere what cannot fail says why, and what can fail is an error.
#![deny(clippy::unwrap_used, clippy::expect_used)]
// All of this reads what others wrote.
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::indexing_slicing)
)]

mod cbor;
mod container;
mod error;
mod extensions;
mod external;
mod id;
mod message;
mod part;
mod status;
mod value;

pub use container::{Expires, MAX_CONTENT, MAX_TOPIC, MimiContent};
pub use error::{ContentError, Field};
pub use extensions::{ExtensionKey, Extensions, MAX_EXTENSIONS};
pub use external::External;
pub use id::{MessageId, Salt, UriTooLong};
pub use message::{
    Act, Attachment, Conference, Format, Location, MAX_MENTIONS, MAX_PARAGRAPHS, MAX_REACTIONS, Marker, Mention,
    Message, Paragraph, Piece, Pieces, Properties, Reactions, Role, Span, Style, Text, mention,
};
pub use part::{Body, Disposition, MAX_DEPTH, MAX_PARTS, NestedPart, Semantics, Single};
pub use status::{MAX_STATUSES, Status, StatusReport};
pub use value::{MAX_VALUE, Value};
