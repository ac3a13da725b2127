//! Asks before an action that cannot be undone or that ends a call.

use bevy::prelude::*;

use super::{Button, Close, Sheet, foot, hint, question, redraw};
use crate::ui::{
    action::{Action, Actions, AnyAction},
    page::Page,
    words::{Words, shortened},
};

/// The action that is asked about, and the one that was just confirmed.
#[derive(Resource, Default)]
pub struct Confirmation {
    asked: Option<(AnyAction, Question)>,
    /// With the frames that it is still good for.
    sure: Option<(AnyAction, u8)>,
}

/// A question to the person: the keys of its words, and the name in them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    pub title: &'static str,
    pub why: &'static str,
    /// Of the button that goes on.
    pub label: &'static str,
    /// Empty where the words name nobody.
    pub name: String,
}

/// Confirms the action that the question is about.
#[derive(Message, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Confirm;

impl Action for Confirm {
    fn sends_more_of_a_person(&self) -> bool {
        true
    }
}

/// An action that is confirmed is carried out in this frame or the next.
const FRAMES: u8 = 2;

impl Confirmation {
    /// Whether the person has just confirmed this action. If not, they are asked.
    pub fn given_for(&mut self, action: impl Into<AnyAction>, question: Question) -> bool {
        let action = action.into();
        if self.sure.as_ref().is_some_and(|(sure, _)| *sure == action) {
            self.sure = None;
            return true;
        }
        self.asked = Some((action, question));
        false
    }

    pub fn asks(&self) -> bool {
        self.asked.is_some()
    }

    pub fn asks_about<A: Action>(&self, action: A) -> bool {
        self.asked.as_ref().is_some_and(|(asked, _)| asked.is(action))
    }

    pub fn withdraw(&mut self) {
        self.asked = None;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Confirmation>()
        .add_action::<Confirm>()
        .add_systems(Update, (confirm, draw).chain())
        .add_systems(Last, (expire, withdraw));
}

fn confirm(mut pressed: MessageReader<Confirm>, mut confirmation: ResMut<Confirmation>, mut commands: Commands) {
    if pressed.read().count() > 0
        && let Some((action, _)) = confirmation.asked.take()
    {
        action.ask(&mut commands);
        confirmation.sure = Some((action, FRAMES));
    }
}

/// Nothing stays confirmed for a later time.
fn expire(mut confirmation: ResMut<Confirmation>) {
    if let Some((action, frames)) = confirmation.sure.clone() {
        confirmation.sure = frames.checked_sub(1).map(|frames| (action, frames));
    }
}

/// A question goes when the page or the sheet under it changes.
fn withdraw(
    sheet: Res<Sheet>,
    page: Res<State<Page>>,
    mut confirmation: ResMut<Confirmation>,
    mut last: Local<Option<(Sheet, Page)>>,
) {
    let now = Some((sheet.clone(), *page.get()));
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
            foot(inside, [Button::plain(Close, words.say("sheet-cancel")), Button::careful(Confirm, say(asked.label))]);
        });
    });
}

#[cfg(test)]
mod tests;
