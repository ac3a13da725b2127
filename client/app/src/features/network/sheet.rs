//! The sheet of the network: how far packets may go, by whose help, and how we stand.

use bevy::prelude::*;
use engine::{
    api::{Network, NetworkSettings, Wish},
    profiles::{Lock, LockKind},
};

use super::status;
use crate::{
    engine::{
        choices::Choices,
        door::{Wished, WishesOut},
        mirror::Standing,
        parting::Parting,
        profile::{self, Change, Errand, Errands, Opened, network},
    },
    features::network::{NetworkAction, Reach},
    ui::{
        kit::{
            Button, Close, Filled, Form, Secrets, Sheet, SheetKind, Size, entry, foot, heading, hint, icon, redraw,
            row, secret, sheet, toggle, wrapping,
        },
        notice::Notice,
        power::Waker,
        theme::{Token, Weight},
        words::Words,
    },
};

/// The choices on the sheet that are not applied yet.
#[derive(Resource, Default, Clone, PartialEq)]
struct Chosen(Option<Choice>);

#[derive(Clone, Copy, PartialEq)]
struct Choice {
    reach: Reach,
    dht: bool,
    hide: bool,
}

#[derive(Component, Clone, Copy, PartialEq, Eq, Debug)]
struct NetworkSheet;

impl SheetKind for NetworkSheet {}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Chosen>()
        .add_systems(Update, (open, choose, draw).chain())
        .add_systems(PostUpdate, apply.after(Filled).before(WishesOut));
}

fn open(
    mut acts: MessageReader<NetworkAction>,
    mut sheet: ResMut<Sheet>,
    mut chosen: ResMut<Chosen>,
    mut form: ResMut<Form>,
    choices: Res<Choices>,
) {
    for act in acts.read() {
        if *act == NetworkAction::Open {
            let settings = &choices.network;
            sheet.open(NetworkSheet);
            form.set("relays", settings.relays.join(" "));
            form.set("dht", settings.dht_bootstrap.join(" "));
            let reach = match settings.network {
                Network::Local => Reach::Local,
                Network::Lan => Reach::Lan,
                Network::Internet => Reach::Internet,
            };
            chosen.0 = Some(Choice { reach, dht: !settings.dht_bootstrap.is_empty(), hide: settings.hide_address });
        }
    }
    if !sheet.shows(NetworkSheet) && chosen.0.is_some() {
        chosen.0 = None;
    }
}

fn choose(mut acts: MessageReader<NetworkAction>, mut chosen: ResMut<Chosen>, mut form: ResMut<Form>) {
    let Some(choice) = chosen.0.as_mut() else {
        acts.clear();
        return;
    };
    for act in acts.read() {
        match *act {
            NetworkAction::Reach(reach) => {
                if reach == Reach::Internet && choice.reach != Reach::Internet {
                    let usual = NetworkSettings::of(Network::Internet);
                    for (name, list) in [("relays", usual.relays), ("dht", usual.dht_bootstrap)] {
                        if form.text(name).is_empty() {
                            form.set(name, list.join(" "));
                        }
                    }
                }
                choice.reach = reach;
            }
            NetworkAction::UseDht => choice.dht = !choice.dht,
            NetworkAction::HideAddress => choice.hide = !choice.hide,
            _ => {}
        }
    }
}

/// The settings that the sheet says.
fn settings(choice: Choice, form: &Form) -> NetworkSettings {
    let network = Network::from(choice.reach);
    let internet = network == Network::Internet;
    let list = |name, wanted: bool| if internet && wanted { network::list(form.text(name)) } else { Vec::new() };
    NetworkSettings {
        relays: list("relays", true),
        dht_bootstrap: list("dht", choice.dht),
        hide_address: internet && choice.hide,
        ..NetworkSettings::of(network)
    }
}

fn apply(
    mut acts: MessageReader<NetworkAction>,
    mut sheet: ResMut<Sheet>,
    chosen: Res<Chosen>,
    (form, secrets): (Res<Form>, Res<Secrets>),
    mut choices: ResMut<Choices>,
    opened: Res<Opened>,
    mut errands: ResMut<Errands>,
    mut parting: Parting,
    (waker, words): (Res<Waker>, Res<Words>),
    mut wishes: MessageWriter<Wished>,
    mut notices: MessageWriter<Notice>,
) {
    for act in acts.read() {
        let Some(choice) = chosen.0.filter(|_| *act == NetworkAction::Apply) else {
            continue;
        };
        // Every link is made anew, so a call cannot go on.
        if !parting.may(*act) {
            continue;
        }
        choices.network = settings(choice, &form);
        sheet.close();
        let kept = Change::Keep(network::KEPT, network::write(&choices.network));
        let typed = secrets.typed("passphrase");
        let lock = match &opened.0 {
            Some(open) => match open.locked_by {
                LockKind::Keyring => Some((open.id, Lock::Keyring)),
                LockKind::Passphrase => profile::passphrase(typed).ok().map(|typed| (open.id, Lock::Passphrase(typed))),
            },
            None => None,
        };
        match lock {
            Some((id, lock)) => {
                let goodbyes = parting.door.close_for_good();
                errands.run(parting.door.machine().safe(), Errand::Change(id, lock, kept), goodbyes, &waker);
            }
            None => {
                wishes.write(Wished(Wish::UseNetwork(choices.network.clone())));
                if opened.0.is_some() {
                    notices.write(Notice::news(words.say("network-not-kept")));
                }
            }
        }
    }
}

#[derive(PartialEq)]
struct View {
    choice: Choice,
    states: Vec<status::State>,
    asks_passphrase: bool,
}

fn draw(
    mut commands: Commands,
    chosen: Res<Chosen>,
    choices: Res<Choices>,
    standing: Res<Standing>,
    opened: Res<Opened>,
    form: Res<Form>,
    words: Res<Words>,
    old: Query<Entity, With<NetworkSheet>>,
    mut last: Local<Option<View>>,
) {
    let view = chosen.0.map(|choice| View {
        choice,
        states: status::states(standing.0, choices.network.hide_address, &words),
        asks_passphrase: opened.0.as_ref().is_some_and(|open| open.locked_by == LockKind::Passphrase),
    });
    redraw(&mut commands, &mut last, view, &old, |commands, view| {
        sheet(commands, NetworkSheet, words.say("network-title"), 560.0, |inside| fill(inside, view, &form, &words));
    });
}

fn fill(inside: &mut ChildSpawnerCommands<'_>, view: &View, form: &Form, words: &Words) {
    for state in &view.states {
        let line = Node { width: percent(100), align_items: AlignItems::FlexStart, flex_shrink: 0.0, ..row(10.0) };
        inside.spawn(line).with_children(|line| {
            line.spawn(Node { padding: UiRect::top(px(2)), flex_shrink: 0.0, ..default() })
                .with_child(icon(state.icon, 16.0, state.ink));
            line.spawn(Node { flex_grow: 1.0, flex_basis: px(0), ..default() }).with_child(wrapping(
                state.words.clone(),
                Size::Body,
                Weight::Regular,
                Token::Text,
            ));
        });
    }
    inside.spawn(heading(words.say("network-reach")));
    inside.spawn(Node { flex_wrap: FlexWrap::Wrap, flex_shrink: 0.0, ..row(8.0) }).with_children(|chips| {
        for (reach, key) in
            [(Reach::Internet, "network-internet"), (Reach::Lan, "network-lan"), (Reach::Local, "network-local")]
        {
            chips.spawn(toggle(NetworkAction::Reach(reach), words.say(key), view.choice.reach == reach));
        }
    });
    inside.spawn(hint(words.say(match view.choice.reach {
        Reach::Internet => "network-internet-why",
        Reach::Lan => "network-lan-why",
        Reach::Local => "network-local-why",
    })));
    if view.choice.reach == Reach::Internet {
        inside.spawn(heading(words.say("network-relays")));
        entry(inside, form, "relays", &words.say("network-relays-hint"), None);
        inside.spawn(heading(words.say("network-more")));
        inside.spawn(Node { flex_wrap: FlexWrap::Wrap, row_gap: px(8), flex_shrink: 0.0, ..row(8.0) }).with_children(
            |chips| {
                chips.spawn(toggle(NetworkAction::UseDht, words.say("network-dht"), view.choice.dht));
                chips.spawn(toggle(NetworkAction::HideAddress, words.say("network-hide"), view.choice.hide));
            },
        );
        if view.choice.dht {
            entry(inside, form, "dht", &words.say("network-dht-hint"), None);
        }
        if view.choice.hide {
            inside.spawn(hint(words.say("network-hide-why")));
        }
    }
    if view.asks_passphrase {
        secret(inside, "passphrase", &words.say("network-passphrase"), Some(NetworkAction::Apply.into()));
    }
    foot(
        inside,
        [
            Button::plain(Close, words.say("sheet-cancel")),
            Button::main(NetworkAction::Apply, words.say("network-apply")),
        ],
    );
}
