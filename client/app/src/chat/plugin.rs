//! The chat opens and closes, and what is written in it is sent.

use bevy::{
    input_focus::{FocusCause, InputFocus},
    prelude::*,
    text::{EditableText, EditableTextSystems},
    ui::UiSystems,
};
use engine::{
    api::{Body, RoomWish, Wish},
    invitation::Invitation,
};

use super::{ChatOpen, Draft, Lines, lines, list, panel::Panel};
use crate::{
    action::{Act, Action},
    door::{Wished, WishesOut},
    kit::value,
    notice::Notice,
    room::{Mirrored, Rooms, Shown},
    screen::Screen,
    words::Words,
};

pub fn plugin(app: &mut App) {
    let in_sight = || in_state(Screen::Room).or_else(in_state(Screen::Home));
    app.init_resource::<ChatOpen>()
        .add_systems(PreUpdate, lines::follow.after(Mirrored))
        .add_systems(
            Update,
            (open_or_close.run_if(in_state(Screen::Room)), lines::count, show, list::draw, list::mark, take_brought)
                .chain(),
        )
        .add_systems(Update, list::ask.run_if(in_sight()))
        // With the letters that were typed in the same frame as the Enter after them.
        .add_systems(PostUpdate, say.after(EditableTextSystems).before(WishesOut).run_if(in_sight()))
        .add_systems(PostUpdate, list::settle.after(UiSystems::Layout));
}

fn open_or_close(
    mut acts: MessageReader<Act>,
    mut open: ResMut<ChatOpen>,
    mut focus: ResMut<InputFocus>,
    draft: Option<Single<Entity, With<Draft>>>,
) {
    for act in acts.read() {
        if act.0 != Action::Chat {
            continue;
        }
        open.0 = !open.0;
        match (open.0, &draft) {
            (true, Some(draft)) => focus.set(**draft, FocusCause::Navigated),
            (false, Some(draft)) if focus.get() == Some(**draft) => focus.clear(),
            _ => {}
        }
    }
}

fn say(
    mut acts: MessageReader<Act>,
    rooms: Rooms,
    draft: Option<Single<&mut EditableText, With<Draft>>>,
    mut wishes: MessageWriter<Wished>,
) {
    let Some(mut draft) = draft else {
        return;
    };
    for act in acts.read() {
        let Some((_, room)) = rooms.shown().filter(|_| act.0 == Action::SendMessage) else {
            continue;
        };
        let written = value(&draft);
        let said = written.trim();
        if !said.is_empty() {
            wishes.write(Wished(Wish::InRoom { room: room.id, wish: RoomWish::Say(said.to_owned()) }));
        }
        draft.clear();
    }
}

/// Somebody brought us into a room of theirs, and we go.
fn take_brought(
    mut acts: MessageReader<Act>,
    shown: Res<Shown>,
    rooms: Query<&Lines>,
    words: Res<Words>,
    mut wishes: MessageWriter<Wished>,
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        let Action::TakeBrought(index) = act.0 else {
            continue;
        };
        let line = shown.0.and_then(|room| rooms.get(room).ok()?.all.get(index));
        let Some(Body::Invitation { link, .. }) = line.map(|line| &line.body) else {
            continue;
        };
        match link.parse::<Invitation>() {
            Ok(invitation) => drop(wishes.write(Wished(Wish::Redeem { invitation }))),
            Err(_) => drop(notices.write(Notice::trouble(words.say("refused-damaged")))),
        }
    }
}

fn show(open: Res<ChatOpen>, mut panels: Query<(Ref<Panel>, &mut Node)>) {
    for (panel, mut node) in &mut panels {
        if open.is_changed() || panel.is_added() {
            node.display = if open.0 { Display::Flex } else { Display::None };
        }
    }
}
