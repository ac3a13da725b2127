//! The chat opens and closes, and what is written in it is sent.

use bevy::{
    input::{
        InputSystems,
        keyboard::{Key, KeyboardInput},
    },
    input_focus::{FocusCause, InputFocus, InputFocusSystems, InputFocusVisible, tab_navigation::TabIndex},
    prelude::*,
    text::{EditableText, EditableTextSystems},
    ui::UiSystems,
};
use engine::{
    api::{Body, Wish},
    invitation::Invitation,
};

use super::{
    ChatOpen, Draft,
    choosing::{self, Chosen},
    draft, list,
    panel::Panel,
    unread,
};
use crate::{
    engine::{
        door::{Wished, WishesOut},
        mirror::{Lines, ShowRoom, Shown, Unread},
    },
    features::chat::ChatAction,
    stage::bar::{Bar, BarButton, Look},
    ui::{
        action::{Actions, Does},
        kit::{Icon, Secretive},
        notice::Notice,
        page::Page,
        words::Words,
    },
};

pub fn plugin(app: &mut App) {
    let in_sight = || in_state(Page::Room).or_else(in_state(Page::Home));
    app.add_action::<ChatAction>()
        .add_plugins(in_bar)
        .init_resource::<ChatOpen>()
        .init_resource::<draft::Unanswered>()
        .init_resource::<Chosen>()
        .add_systems(PreUpdate, catch_letters.after(InputSystems).before(InputFocusSystems::Dispatch))
        .add_systems(PostUpdate, focus_chosen.run_if(in_state(Page::Home)))
        .add_systems(
            Update,
            (
                open_or_close.run_if(in_state(Page::Room)),
                unread::count,
                show,
                list::draw,
                list::mark,
                take_brought,
                choosing::choose,
                choosing::show,
            )
                .chain(),
        )
        .add_systems(Update, list::ask.run_if(in_sight()))
        // With the letters that were typed in the same frame as the Enter after them.
        .add_systems(
            PostUpdate,
            (draft::say.run_if(in_sight()), draft::keep).chain().after(EditableTextSystems).before(WishesOut),
        )
        .add_systems(Update, draft::take_back)
        .add_systems(PostUpdate, list::settle.after(UiSystems::Layout));
}

/// The button in the bar, with the number of unread messages.
fn in_bar(app: &mut App) {
    let look = Look::plain(Icon::Chat, "bar-chat");
    let button = BarButton::new(2, ChatAction::Toggle, look).counting();
    app.world_mut().get_resource_or_init::<Bar>().add(button);
    app.add_systems(Update, follow_in_bar.after(unread::count).run_if(in_state(Page::Room)));
}

fn follow_in_bar(open: Res<ChatOpen>, shown: Res<Shown>, rooms: Query<&Unread>, mut bar: ResMut<Bar>) {
    let look = match open.0 {
        true => Look::on(Icon::Chat, "bar-chat-close"),
        false => Look::plain(Icon::Chat, "bar-chat"),
    };
    let unread = shown.0.and_then(|room| rooms.get(room).ok()).copied().unwrap_or_default();
    Bar::look(&mut bar, ChatAction::Toggle, look);
    Bar::count(&mut bar, ChatAction::Toggle, unread.0);
}

fn open_or_close(
    mut acts: MessageReader<ChatAction>,
    mut open: ResMut<ChatOpen>,
    mut focus: ResMut<InputFocus>,
    draft: Option<Single<Entity, With<Draft>>>,
) {
    for act in acts.read() {
        if *act != ChatAction::Toggle {
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

/// The field of a conversation that was chosen gets the focus.
fn focus_chosen(
    mut acts: MessageReader<ShowRoom>,
    drafts: Query<Entity, With<Draft>>,
    added: Query<Entity, Added<Draft>>,
    mut wanted: Local<bool>,
    mut focus: ResMut<InputFocus>,
) {
    for act in acts.read() {
        match *act {
            ShowRoom::This(_) => *wanted = true,
            ShowRoom::Next | ShowRoom::Previous => *wanted = false,
        }
    }
    // The field of a conversation that was not shown before is there a frame later.
    if *wanted && let Some(draft) = added.iter().next().or_else(|| drafts.iter().next()) {
        *wanted = false;
        focus.set(draft, FocusCause::Navigated);
    }
}

/// Letters that are typed while no field has the focus go to the field of the visible chat, if there is one.
fn catch_letters(
    mut typed: MessageReader<KeyboardInput>,
    held: Res<ButtonInput<Key>>,
    drafts: Query<(Entity, &TabIndex), With<Draft>>,
    fields: Query<(), Or<(With<EditableText>, With<Secretive>)>>,
    buttons: Query<(), With<Does>>,
    visible: Res<InputFocusVisible>,
    mut focus: ResMut<InputFocus>,
) {
    let with_another = [Key::Control, Key::Alt, Key::Super].into_iter().any(|key| held.pressed(key));
    for input in typed.read() {
        let on_button = focus.get().is_some_and(|at| visible.0 && buttons.contains(at));
        let is_text = match input.logical_key {
            Key::Character(_) => true,
            // Space presses the button that the keyboard went to.
            Key::Space => !on_button,
            _ => false,
        };
        let taken = focus.get().is_some_and(|at| fields.contains(at));
        if is_text
            && input.state.is_pressed()
            && !with_another
            && !taken
            // A field that cannot be reached is closed, or under a sheet.
            && let Some((draft, _)) = drafts.iter().find(|(_, index)| index.0 >= 0)
        {
            focus.set(draft, FocusCause::Navigated);
        }
    }
}

/// Takes up an invitation that a contact wrote into the chat.
fn take_brought(
    mut acts: MessageReader<ChatAction>,
    shown: Res<Shown>,
    rooms: Query<&Lines>,
    words: Res<Words>,
    mut wishes: MessageWriter<Wished>,
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        let ChatAction::TakeBrought(index) = *act else {
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
