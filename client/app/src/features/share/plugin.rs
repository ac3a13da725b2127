//! Opens the sheet, asks the desktop, and wishes what was chosen.

use std::sync::{Arc, PoisonError};

use bevy::prelude::*;
use engine::api::Wish;

use super::{
    Offers,
    draw::{self, ShareSheet},
};
use crate::{
    engine::{
        door::{Door, Wished},
        mirror::Own,
    },
    features::share::ShareAction,
    stage::bar::{Bar, BarButton, Look},
    ui::{
        action::Actions,
        kit::{Icon, Sheet},
        notice::Notice,
        page::Page,
        power::Waker,
        words::Words,
    },
};

pub fn plugin(app: &mut App) {
    let button = BarButton::new(3, ShareAction::Toggle, Look::plain(Icon::Share, "bar-share"));
    app.world_mut().get_resource_or_init::<Bar>().add(button);
    app.add_action::<ShareAction>().init_resource::<Offers>().add_systems(
        Update,
        (press, arrive, choose, draw::draw, tell, follow_in_bar).chain().run_if(in_state(Page::Room)),
    );
}

fn follow_in_bar(own: Res<Own>, mut bar: ResMut<Bar>) {
    let look = match own.screen_on {
        true => Look::on(Icon::ShareStop, "bar-share-stop"),
        false => Look::plain(Icon::Share, "bar-share"),
    };
    Bar::look(&mut bar, ShareAction::Toggle, look);
}

/// The button shares, or stops what is shared.
fn press(
    mut acts: MessageReader<ShareAction>,
    own: Res<Own>,
    mut offers: ResMut<Offers>,
    mut sheet: ResMut<Sheet>,
    mut door: ResMut<Door>,
    waker: Res<Waker>,
    mut wishes: MessageWriter<Wished>,
) {
    if !acts.read().any(|act| *act == ShareAction::Toggle) {
        return;
    }
    if own.screen_on {
        wishes.write(Wished(Wish::StopSharing));
        return;
    }
    sheet.open(ShareSheet);
    offers.screens = None;
    let (screens, arriving, waker) = (door.machine().screens(), Arc::clone(&offers.arriving), waker.clone());
    let asking = std::thread::Builder::new().name("screens".into()).spawn(move || {
        *arriving.lock().unwrap_or_else(PoisonError::into_inner) = Some(screens());
        waker.wake();
    });
    if asking.is_err() {
        tracing::warn!("the screens cannot be listed: the system refused a thread");
    }
}

fn arrive(mut offers: ResMut<Offers>) {
    if let Some(screens) = offers.arrived() {
        offers.screens = Some(screens);
    }
}

fn choose(
    mut acts: MessageReader<ShareAction>,
    offers: Res<Offers>,
    mut sheet: ResMut<Sheet>,
    mut wishes: MessageWriter<Wished>,
) {
    for act in acts.read() {
        if let ShareAction::This(index) = *act
            && let Some(info) = offers.screens.as_ref().and_then(|screens| screens.get(index))
        {
            wishes.write(Wished(Wish::ShareScreen(info.source.clone())));
            sheet.close();
        }
    }
}

/// Nobody should share without knowing it.
fn tell(own: Res<Own>, words: Res<Words>, mut before: Local<bool>, mut notices: MessageWriter<Notice>) {
    if own.screen_on && !std::mem::replace(&mut *before, own.screen_on) {
        notices.write(Notice::news(words.say("notice-sharing")));
    }
    *before = own.screen_on;
}
