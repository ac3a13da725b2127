//! What changes of lines come to, and who may make them.

use group_crypto::MemberId;

use crate::{
    api::{Body, Line, Reaction},
    room::content::{Change, Changed},
};

/// Changes a line, if that is the author's to do: a text is its author's alone, a reaction that of whoever reacts.
pub(super) fn apply(line: &mut Line, me: MemberId, changed: Changed) {
    let Changed { by, message, change, .. } = changed;
    let is_authors = by == line.member;
    match change {
        _ if line.body == Body::Deleted => {}
        Change::Edit(body) if is_authors && is_text(&line.body) && is_text(&body) => {
            line.former.push(std::mem::replace(&mut line.body, body));
            if line.former.len() > Line::MOST_VERSIONS {
                line.former.remove(1);
            }
        }
        Change::Delete if is_authors => {
            line.body = Body::Deleted;
            line.former.clear();
            line.reactions.clear();
            line.reply_to = None;
        }
        Change::Edit(_) | Change::Delete => tracing::debug!("a member may not change what another said"),
        Change::React { signs, replaced } => {
            line.reactions.retain(|old| old.member != by || Some(old.message) != replaced);
            for sign in signs {
                let mut own = line.reactions.iter().filter(|old| old.member == by);
                let is_new = own.clone().all(|old| old.sign != sign) && own.nth(Line::MOST_OF_ONE - 1).is_none();
                if is_new && line.reactions.len() < Line::MOST_REACTIONS {
                    line.reactions.push(Reaction { member: by, mine: by == me, sign, message });
                }
            }
        }
        Change::Unreact { reaction } => line.reactions.retain(|old| old.member != by || old.message != reaction),
    }
}

fn is_text(body: &Body) -> bool {
    matches!(body, Body::Text(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::MessageId;

    const ANN: MemberId = MemberId([1; 16]);
    const BEA: MemberId = MemberId([2; 16]);

    fn name(number: u8) -> MessageId {
        let mut bytes = [number; MessageId::LENGTH];
        bytes[0] = 1;
        MessageId::from_bytes(&bytes).unwrap()
    }

    fn line() -> Line {
        Line::new(ANN, "Ann".into(), 0, Body::Text("first".into()))
    }

    fn react(signs: &[&str], replaced: Option<MessageId>) -> Change {
        Change::React { signs: signs.iter().map(|sign| (*sign).to_owned()).collect(), replaced }
    }

    fn does(line: &mut Line, by: MemberId, message: MessageId, change: Change) {
        apply(line, ANN, Changed { by, message, target: name(9), change });
    }

    #[test]
    fn text_is_its_authors_alone() {
        let mut line = line();
        does(&mut line, BEA, name(2), Change::Edit(Body::Text("forged".into())));
        does(&mut line, BEA, name(3), Change::Delete);
        assert!(line.body == Body::Text("first".into()) && line.former.is_empty());
        does(&mut line, ANN, name(4), Change::Edit(Body::Text("second".into())));
        assert!(line.body == Body::Text("second".into()));
    }

    #[test]
    fn deleted_line_stays_deleted() {
        let mut line = line();
        does(&mut line, BEA, name(2), react(&["!"], None));
        does(&mut line, ANN, name(3), Change::Delete);
        does(&mut line, ANN, name(4), Change::Edit(Body::Text("back".into())));
        does(&mut line, BEA, name(5), react(&["?"], None));
        assert!(line.body == Body::Deleted && line.reactions.is_empty());
    }

    #[test]
    fn call_or_invitation_is_not_turned_into_a_text() {
        let mut line = Line { body: Body::Invitation { title: "Choir".into(), link: "link".into() }, ..line() };
        does(&mut line, ANN, name(2), Change::Edit(Body::Text("hello".into())));
        assert!(matches!(line.body, Body::Invitation { .. }));
    }

    #[test]
    fn versions_and_reactions_are_bounded() {
        let mut line = line();
        for number in 0..100 {
            does(&mut line, ANN, name(2), Change::Edit(Body::Text(number.to_string())));
            for sign in ["a", "b", "c", "d"] {
                let member = MemberId([number; 16]);
                does(&mut line, member, name(number), react(&[sign], None));
            }
        }
        assert_eq!((line.former.len(), line.reactions.len()), (Line::MOST_VERSIONS, Line::MOST_REACTIONS));
        assert!(line.former[0] == Body::Text("first".into()), "the first version stays");
    }
}
