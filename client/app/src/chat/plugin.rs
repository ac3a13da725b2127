//! Messages in and out, and the number of unread ones.

use bevy::{
    input_focus::{FocusCause, InputFocus},
    prelude::*,
    text::{EditableText, EditableTextSystems},
};
use chrono::Local as LocalTime;
use engine::api::{Event, Wish};

use super::{ChatOpen, Draft, List, MOST, Message, Nothing, Panel, Unread, panel};
use crate::{
    action::{Act, Action},
    door::{Happened, Wished, WishesOut},
    kit::value,
    screen::Screen,
};

pub fn plugin(app: &mut App) {
    app.init_resource::<ChatOpen>()
        .init_resource::<Unread>()
        .add_systems(Update, (open_or_close, hear, show, forget_oldest).chain().run_if(in_state(Screen::Room)))
        // With the letters that were typed in the same frame as the Enter after them.
        .add_systems(PostUpdate, say.after(EditableTextSystems).before(WishesOut).run_if(in_state(Screen::Room)))
        .add_systems(OnExit(Screen::Room), reset);
}

fn open_or_close(
    mut acts: MessageReader<Act>,
    mut open: ResMut<ChatOpen>,
    mut unread: ResMut<Unread>,
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
    if open.0 && unread.0 > 0 {
        unread.0 = 0;
    }
}

/// Far below the end of any list: layout stops at the end.
const END: f32 = 1e6;

fn hear(
    mut commands: Commands,
    mut happened: MessageReader<Happened>,
    open: Res<ChatOpen>,
    mut unread: ResMut<Unread>,
    list: Option<Single<(Entity, &mut ScrollPosition, &ComputedNode), With<List>>>,
    nothing: Query<Entity, With<Nothing>>,
    mut number: Local<u64>,
) {
    let Some(list) = list else {
        return;
    };
    let (list, mut scroll, computed) = list.into_inner();
    for event in happened.read() {
        let Event::Said { name, text, mine, .. } = &event.0 else {
            continue;
        };
        *number += 1;
        let time = LocalTime::now().format("%H:%M").to_string();
        for nothing in &nothing {
            commands.entity(nothing).try_despawn();
        }
        let (name, text, mine, number) = (name.clone(), text.clone(), *mine, *number);
        commands.entity(list).with_children(|list| panel::message(list, number, &name, &text, &time, mine));
        if !mine && !open.0 {
            unread.0 += 1;
        }
        // Whoever reads further up is left there.
        let end = (computed.content_size().y - computed.size().y) * computed.inverse_scale_factor();
        if mine || scroll.y >= end - 40.0 {
            scroll.y = END;
        }
    }
}

fn say(
    mut acts: MessageReader<Act>,
    draft: Option<Single<&mut EditableText, With<Draft>>>,
    mut wishes: MessageWriter<Wished>,
) {
    let Some(mut draft) = draft else {
        return;
    };
    for act in acts.read() {
        if act.0 != Action::SendMessage {
            continue;
        }
        let written = value(&draft);
        let said = written.trim();
        if !said.is_empty() {
            wishes.write(Wished(Wish::Say(said.to_owned())));
        }
        draft.clear();
    }
}

fn show(open: Res<ChatOpen>, mut panels: Query<(Ref<Panel>, &mut Node)>) {
    for (panel, mut node) in &mut panels {
        if open.is_changed() || panel.is_added() {
            node.display = if open.0 { Display::Flex } else { Display::None };
        }
    }
}

fn forget_oldest(mut commands: Commands, messages: Query<(Entity, &Message)>) {
    let excess = messages.iter().count().saturating_sub(MOST);
    if excess == 0 {
        return;
    }
    let mut all: Vec<_> = messages.iter().collect();
    all.sort_by_key(|(_, message)| message.number);
    for (entity, _) in all.into_iter().take(excess) {
        commands.entity(entity).despawn();
    }
}

fn reset(mut unread: ResMut<Unread>) {
    unread.0 = 0;
}
