//! Which messages came, were read, or are gone: what a reader tells of several messages at once.

use crate::{
    cbor::{Reader, Writer, written},
    error::{ContentError, Field},
    id::MessageId,
};

/// Messages of one report.
pub const MAX_STATUSES: usize = 1024;

/// `MessageStatusReport` of draft-mahy-mimi-message-status-01 (section 4).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StatusReport(pub Vec<(MessageId, Status)>);

/// What became of a message at the member that reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Unread,
    /// A device of the member has it.
    Delivered,
    Read,
    /// Its time had ended.
    Expired,
    Deleted,
    /// The member has put it away, for instance into an archive.
    Hidden,
    /// The member knows of it, and could not get it.
    Error,
    Unknown(u8),
}

impl StatusReport {
    /// The media type of a report.
    pub const MEDIA_TYPE: &str = "application/mimi-message-status";

    /// Reads what others wrote. The same message may stand in it twice: the later status counts.
    ///
    /// # Errors
    /// When it is not what the draft says in deterministic encoding, or on too many messages.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        let mut reader = Reader::new(bytes);
        let length = reader.array(Field::Status)?;
        if length > MAX_STATUSES as u64 {
            return Err(ContentError::TooManyStatuses);
        }
        let statuses = (0..length).map(|_| read_one(&mut reader)).collect::<Result<_, _>>()?;
        reader.finish()?;
        Ok(Self(statuses))
    }

    /// # Errors
    /// [`ContentError::TooManyStatuses`], when it has to be several reports.
    pub fn encode(&self) -> Result<Vec<u8>, ContentError> {
        if self.0.len() > MAX_STATUSES {
            return Err(ContentError::TooManyStatuses);
        }
        Ok(written(|out| self.write(out)))
    }

    fn write(&self, out: &mut Writer) {
        out.array(self.0.len());
        for (id, status) in &self.0 {
            out.array(2);
            out.bytes(id.as_bytes());
            out.number(u8::from(*status));
        }
    }
}

fn read_one(reader: &mut Reader<'_>) -> Result<(MessageId, Status), ContentError> {
    reader.array_of(2, Field::Status)?;
    Ok((MessageId::read(reader)?, Status::from(reader.number::<u8>(Field::Status)?)))
}

impl From<u8> for Status {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::Unread,
            1 => Self::Delivered,
            2 => Self::Read,
            3 => Self::Expired,
            4 => Self::Deleted,
            5 => Self::Hidden,
            6 => Self::Error,
            _ => Self::Unknown(number),
        }
    }
}

impl From<Status> for u8 {
    fn from(status: Status) -> Self {
        match status {
            Status::Unread => 0,
            Status::Delivered => 1,
            Status::Read => 2,
            Status::Expired => 3,
            Status::Deleted => 4,
            Status::Hidden => 5,
            Status::Error => 6,
            Status::Unknown(number) => number,
        }
    }
}
