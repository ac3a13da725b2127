//! What a person says in a room, and changes in what was said.

use content::{Act, Pieces, Reactions, Salt, Text};

use super::{Session, shelf::Reader};
use crate::{
    api::{Body, Event, Line, MessageId, RoomEvent, RoomId, RoomKind, Trouble},
    room::{Input, checked_text, content::Changed, wire::Said},
};

impl Session {
    pub(super) fn say(&mut self, room: RoomId, text: &str, reply_to: Option<MessageId>) {
        let said = self.said(room, text, reply_to);
        self.say_or_tell(room, said);
    }

    pub(super) fn edit(&mut self, room: RoomId, message: MessageId, text: &str) {
        let said = self.own_line(room, message).and_then(|line| {
            if !matches!(line.body, Body::Text(_)) {
                return Err(Trouble::NoSuchMessage);
            }
            let pieces = Pieces::text(Text::plain(&checked_text(text)?));
            content(Act::Edit { edited: message, pieces, reply_to: line.reply_to })
        });
        self.say_or_tell(room, said);
    }

    pub(super) fn delete(&mut self, room: RoomId, message: MessageId) {
        let said = self
            .own_line(room, message)
            .and_then(|line| content(Act::Delete { deleted: message, reply_to: line.reply_to }));
        self.say_or_tell(room, said);
    }

    /// Our reactions to a line are these from now on.
    pub(super) fn react(&mut self, room: RoomId, message: MessageId, signs: Vec<String>) {
        let line = self.line(room, message).ok_or(Trouble::NoSuchMessage);
        let act = line.and_then(|line| reaction(&line, message, signs));
        match act.and_then(|act| act.map(content).transpose()) {
            Ok(None) => {}
            Ok(Some(said)) => self.input(room, Input::Say(said)),
            Err(trouble) => self.door.tell(Event::Trouble(trouble)),
        }
    }

    fn said(&self, room: RoomId, text: &str, reply_to: Option<MessageId>) -> Result<Said, Trouble> {
        if reply_to.is_some_and(|message| self.line(room, message).is_none()) {
            return Err(Trouble::NoSuchMessage);
        }
        let pieces = Pieces::text(Text::plain(&checked_text(text)?));
        content(Act::Say { pieces, reply_to })
    }

    fn say_or_tell(&mut self, room: RoomId, said: Result<Said, Trouble>) {
        match said {
            Ok(said) => self.input(room, Input::Say(said)),
            Err(trouble) => self.door.tell(Event::Trouble(trouble)),
        }
    }

    /// A line of ours that was not deleted.
    fn own_line(&self, room: RoomId, message: MessageId) -> Result<Line, Trouble> {
        let line = self.line(room, message).filter(|line| line.body != Body::Deleted);
        let line = line.ok_or(Trouble::NoSuchMessage)?;
        if line.mine { Ok(line) } else { Err(Trouble::NotYourMessage) }
    }

    /// The line that all members call this, as it is now.
    fn line(&self, room: RoomId, message: MessageId) -> Option<Line> {
        let live = self.rooms.get(&room)?;
        if live.room.kind() == Some(RoomKind::Ephemeral) {
            return live.remembered.get(message).cloned();
        }
        let reader = Reader { me: live.room.my_id()?, name: &self.name, now_ms: super::clock().unix_ms };
        let read = tokio::task::block_in_place(|| self.shelf.as_ref()?.line(room, message, &reader).transpose());
        read?.inspect_err(|why| tracing::error!(%why, "a line cannot be read")).ok()
    }

    /// Gives lines their names that have none yet.
    pub(super) fn name_lines(&mut self, room: RoomId) {
        let named = self.rooms.get(&room).and_then(|live| Some((live.room.uri()?, live.room.my_id()?)));
        if let (Some((uri, me)), Some(shelf)) = (named, &mut self.shelf)
            && let Err(why) = tokio::task::block_in_place(|| shelf.name_lines(room, &uri, me))
        {
            tracing::error!(%why, "lines could not be named");
        }
    }

    /// A line is changed by another one.
    pub(super) fn line_changed(&mut self, room: RoomId, changed: Changed) {
        let Some(live) = self.rooms.get_mut(&room) else {
            return;
        };
        let line = match live.room.kind() {
            Some(RoomKind::Ephemeral) => live.room.my_id().and_then(|me| live.remembered.change(me, changed)),
            _ => self.line(room, changed.target),
        };
        if let Some(line) = line {
            self.door.room(room, RoomEvent::LineChanged(line));
        }
    }

    /// A line was said: what came ahead of it and changes it counts now.
    pub(super) fn line_said(&mut self, room: RoomId, line: Line) -> Line {
        let (Some(live), Some(message)) = (self.rooms.get_mut(&room), line.message) else {
            return line;
        };
        if live.room.kind() == Some(RoomKind::Ephemeral) {
            live.remembered.push(line.clone());
            return line;
        }
        let is_changed = |shelf: &super::shelf::Shelf| shelf.is_changed(room, message);
        match self.shelf.as_ref().is_some_and(is_changed) {
            true => self.line(room, message).unwrap_or(line),
            false => line,
        }
    }
}

/// What makes these our reactions to a line; nothing where there are none, and were none.
fn reaction(line: &Line, to: MessageId, signs: Vec<String>) -> Result<Option<Act>, Trouble> {
    let replaced = line.reactions.iter().find(|reaction| reaction.mine).map(|old| old.message);
    if signs.is_empty() {
        return Ok(replaced.map(|reaction| Act::Unreact { reaction, to: Some(to) }));
    }
    let are_letters = signs.iter().all(|sign| group_crypto::is_one_letter(sign));
    let reactions = Reactions::new(signs).filter(|_| are_letters).ok_or(Trouble::NoReaction)?;
    Ok(Some(Act::React { to, reactions, replaced }))
}

/// What we do, as it is said.
fn content(act: Act) -> Result<Said, Trouble> {
    let mut salt = Salt::default();
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| Trouble::Busy)?;
    Said::content(act, salt).ok_or(Trouble::MessageTooLong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{MemberId, Reaction};

    fn name(number: u8) -> MessageId {
        let mut bytes = [number; MessageId::LENGTH];
        bytes[0] = 1;
        MessageId::from_bytes(&bytes).unwrap()
    }

    #[test]
    fn too_many_signs_or_words_take_no_reaction_back() {
        let reaction_of_ours = Reaction { member: MemberId([1; 16]), mine: true, sign: "!".into(), message: name(2) };
        let line = Line::new(MemberId([2; 16]), "Bea".into(), 0, Body::Text("cake?".into()));
        let line = Line { reactions: vec![reaction_of_ours], ..line };
        let react = |signs: &[&str]| reaction(&line, name(1), signs.iter().map(|sign| (*sign).to_owned()).collect());
        assert!(matches!(react(&["?"]), Ok(Some(Act::React { replaced: Some(of), .. })) if of == name(2)));
        assert!(matches!(react(&[]), Ok(Some(Act::Unreact { reaction, .. })) if reaction == name(2)));
        for signs in [&["a"; 17][..], &["two words"], &["ab"]] {
            assert!(matches!(react(signs), Err(Trouble::NoReaction)), "{signs:?}");
        }
    }
}
