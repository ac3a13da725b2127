//! What lines of stdin do.

use engine::api::{RoomId, RoomWish, Wish};

use super::{Live, What};
use crate::{
    accept, book,
    console::{self, Line},
    error::{Named, PeerError},
    message::DeedError,
    safety,
};

/// Why a line did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Peer(#[from] PeerError),
    #[error("there is no such command; start a line with // to send one slash")]
    NoCommand,
    #[error("a line of more than 64 KiB was ignored")]
    TooLong,
    #[error("/to NAME TEXT: the name or the text is missing")]
    NoText,
    #[error(transparent)]
    Deed(#[from] DeedError),
    #[error("there is no call; write to a contact or room with /to NAME TEXT")]
    NoCall,
    #[error("no call is ringing")]
    NothingRings,
    #[error("there is nothing to compare yet: try again in a moment")]
    NothingToCompare,
    #[error("no one is waiting with this number")]
    NoKnock,
}

impl Live {
    pub(super) fn command(&mut self, line: Line) -> Result<(), CommandError> {
        let desk = &self.desk;
        let call = || desk.book.in_call().ok_or(CommandError::NoCall);
        let ringing = || desk.book.ringing().ok_or(CommandError::NothingRings);
        let knock = |number| self.knocks.get(number).ok_or(CommandError::NoKnock);
        match line {
            Line::Say(text) => {
                let room = call()?;
                self.say(room, text);
            }
            Line::To(text) => {
                let (name, text) = console::split_name(&text).ok_or(CommandError::NoText)?;
                let room = desk.find(name, Named::ContactOrRoom)?;
                self.say(room, text.to_owned());
            }
            Line::With(deed, text) => {
                let (name, rest) = console::split_name(&text).ok_or(CommandError::NoText)?;
                desk.in_room(desk.find(name, Named::ContactOrRoom)?, deed.wish(rest)?);
            }
            Line::Call { name, video } => {
                desk.in_room(desk.find(&name, Named::ContactOrRoom)?, RoomWish::Call { video });
            }
            Line::Answer => {
                let (room, video) = ringing()?;
                desk.in_room(room, RoomWish::Call { video });
            }
            Line::Decline => desk.in_room(ringing()?.0, RoomWish::Decline),
            Line::HangUp => desk.in_room(desk.book.calling().ok_or(CommandError::NoCall)?, RoomWish::HangUp),
            Line::Accept(text) => desk.wish(Wish::Redeem { invitation: accept::read_invitation(&text)? }),
            Line::Admit(number) => {
                let (room, knock) = knock(number)?;
                desk.in_room(room, RoomWish::Admit(knock));
            }
            Line::Refuse(number) => {
                let (room, knock) = knock(number)?;
                desk.in_room(room, RoomWish::Refuse(knock));
            }
            Line::Microphone(on) => desk.wish(Wish::MicrophoneOn(on)),
            Line::Camera(on) => desk.wish(Wish::CameraOn(on)),
            Line::Remove(name) => {
                let room = call()?;
                desk.in_room(room, RoomWish::Remove(desk.book.find_member(room, &name)?));
            }
            Line::Who => self.print_members(call()?)?,
            Line::Code => {
                let known = desk.book.rooms.get(&call()?).ok_or(CommandError::NoCall)?;
                let words = known.code.ok_or(CommandError::NothingToCompare)?;
                self.print(&What::RoomCode { words: words.to_string() }.of(&known.title))?;
            }
            Line::Verify(text) => self.verify(call()?, &text)?,
            Line::Leave => self.leave(),
            Line::Invite | Line::Unknown => return Err(CommandError::NoCommand),
            Line::TooLong => return Err(CommandError::TooLong),
        }
        Ok(())
    }

    /// Prints who is in a room.
    fn print_members(&mut self, room: RoomId) -> Result<(), CommandError> {
        let known = self.desk.book.rooms.get(&room).ok_or(CommandError::NoCall)?;
        let ids = self.desk.book.member_ids(room);
        for ((member, of), id) in known.members.iter().zip(ids.into_values()) {
            let state = book::presence_name(of.state.presence);
            let told = What::Member { name: of.name.clone(), id, state }.of(&known.title);
            self.print_of(Some(room), Some(*member), &told)?;
        }
        Ok(())
    }

    fn verify(&self, room: RoomId, text: &str) -> Result<(), CommandError> {
        let book = &self.desk.book;
        let (name, shown) =
            console::verifying(text, |name| !matches!(book.find_member(room, name), Err(PeerError::Unknown(_))));
        let member = book.find_member(room, name)?;
        if let Some(shown) = shown {
            let shown = safety::given(shown)?;
            self.desk.in_room(room, RoomWish::Compare { member, shown });
            return Ok(());
        }
        let known = book.rooms.get(&room).ok_or(CommandError::NoCall)?;
        let safety = known.members.get(&member).and_then(|member| member.safety.as_ref());
        let shown = safety.ok_or(CommandError::NothingToCompare)?.get().into();
        self.print(&What::Safety { name: known.name_of(member).to_owned(), shown }.of(&known.title))?;
        Ok(())
    }

    fn say(&mut self, room: RoomId, text: String) {
        self.flow.asked();
        self.desk.in_room(room, RoomWish::Say(text));
    }
}
