//! What cannot be taken back, and what ends a call, is asked about first: a question over everything, with its answer.

use bevy::{ecs::message::MessageCursor, prelude::*};

use super::{Foot, Sheet, foot, hint, question, redraw};
use crate::ui::{
    action::{Act, Action},
    page::Page,
    words::{Words, shortened},
};

/// The action that is asked about, and the one that was just confirmed.
#[derive(Resource, Default)]
pub struct Confirmation {
    asked: Option<(Action, Question)>,
    /// With the frames that it is still good for.
    sure: Option<(Action, u8)>,
}

/// What the person is asked: the keys of its words, and the name that they are about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    pub title: &'static str,
    pub why: &'static str,
    /// Of the button that goes on.
    pub label: &'static str,
    /// Empty where the words name nobody.
    pub name: String,
}

/// An action that is confirmed is carried out in this frame or the next.
const FRAMES: u8 = 2;

impl Confirmation {
    /// Whether the person has just confirmed this action. If not, they are asked.
    pub fn given_for(&mut self, action: Action, question: Question) -> bool {
        if self.sure.is_some_and(|(sure, _)| sure == action) {
            self.sure = None;
            return true;
        }
        self.asked = Some((action, question));
        false
    }

    pub fn asks(&self) -> bool {
        self.asked.is_some()
    }

    pub fn asks_about(&self, action: Action) -> bool {
        self.asked.as_ref().is_some_and(|(asked, _)| *asked == action)
    }

    pub fn withdraw(&mut self) {
        self.asked = None;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Confirmation>()
        .add_systems(Update, (confirm, draw).chain())
        .add_systems(Last, (expire, withdraw));
}

/// Reads and writes the same messages, which a reader and a writer of one system may not.
fn confirm(
    mut acts: ResMut<Messages<Act>>,
    mut read: Local<MessageCursor<Act>>,
    mut confirmation: ResMut<Confirmation>,
) {
    let pressed = read.read(&acts).any(|act| act.0 == Action::Confirm);
    if pressed && let Some((action, _)) = confirmation.asked.take() {
        confirmation.sure = Some((action, FRAMES));
        acts.write(Act(action));
    }
}

/// Nothing stays confirmed for a later time.
fn expire(mut confirmation: ResMut<Confirmation>) {
    if let Some((action, frames)) = confirmation.sure {
        confirmation.sure = frames.checked_sub(1).map(|frames| (action, frames));
    }
}

/// A question is about what was in sight when it was asked.
fn withdraw(
    sheet: Res<Sheet>,
    page: Res<State<Page>>,
    mut confirmation: ResMut<Confirmation>,
    mut last: Local<Option<(Sheet, Page)>>,
) {
    let now = Some((*sheet, *page.get()));
    if *last != now && confirmation.asks() {
        confirmation.withdraw();
    }
    *last = now;
}

#[derive(Component)]
struct QuestionSheet;

/// Characters of a name that fit.
const NAME: usize = 32;

fn draw(
    mut commands: Commands,
    confirmation: Res<Confirmation>,
    words: Res<Words>,
    old: Query<Entity, With<QuestionSheet>>,
    mut last: Local<Option<Question>>,
) {
    let asked = confirmation.asked.as_ref().map(|(_, question)| question.clone());
    redraw(&mut commands, &mut last, asked, &old, |commands, asked| {
        let say = |key: &str| words.say_with(key, "name", shortened(&asked.name, NAME));
        question(commands, QuestionSheet, say(asked.title), 440.0, |inside| {
            inside.spawn(hint(say(asked.why)));
            foot(
                inside,
                [Foot::plain(Action::Close, words.say("sheet-cancel")), Foot::stop(Action::Confirm, say(asked.label))],
            );
        });
    });
}

#[cfg(test)]
mod tests;
