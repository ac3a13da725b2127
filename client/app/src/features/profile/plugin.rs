//! Follows what came of errands: a profile that was opened is run by an engine.

use bevy::prelude::*;
use engine::{
    StartError,
    api::Wish,
    profiles::{Lock, LockKind, ProfileError},
};

use super::sheet;
use crate::{
    engine::{
        choices::Choices,
        door::{Door, Wished},
        journey::{Destination, Journey},
        mirror::ForgetRooms,
        profile::{CancelErrand, Changed, Errand, Errands, Open, Opened, Outcome, Shelf, error_key, network},
    },
    features::profile::ProfileAction,
    ui::{
        action::Actions,
        kit::Close,
        notice::Notice,
        page::Page,
        power::{Stirred, Waker},
        words::Words,
    },
};

pub fn plugin(app: &mut App) {
    app.add_action::<ProfileAction>()
        .add_plugins(sheet::plugin)
        .add_systems(OnEnter(Page::Profiles), look)
        .add_systems(Update, (cancel, follow, open_the_only_one).chain());
}

/// The engine of a profile stops, because another one or none is wanted; then what is kept is looked at.
fn look(
    mut door: ResMut<Door>,
    mut opened: ResMut<Opened>,
    mut errands: ResMut<Errands>,
    mut shelf: ResMut<Shelf>,
    mut forget: MessageWriter<ForgetRooms>,
    waker: Res<Waker>,
) {
    opened.0 = None;
    shelf.profiles = None;
    forget.write(ForgetRooms);
    let goodbyes = door.close_for_good();
    errands.run(door.machine().safe(), Errand::Look, goodbyes, &waker);
}

/// At the first look, a profile that needs no passphrase and has no other beside it is opened without a question.
fn open_the_only_one(
    shelf: Res<Shelf>,
    mut looked: Local<bool>,
    mut errands: ResMut<Errands>,
    mut door: ResMut<Door>,
    waker: Res<Waker>,
) {
    let Some(profiles) = shelf.profiles.as_ref().filter(|_| !*looked) else {
        return;
    };
    *looked = true;
    if let [(id, LockKind::Keyring)] = profiles[..] {
        errands.run(door.machine().safe(), Errand::Open(id, Lock::Keyring), Vec::new(), &waker);
    }
}

fn cancel(mut acts: MessageReader<CancelErrand>, mut errands: ResMut<Errands>, mut stirred: MessageWriter<Stirred>) {
    if acts.read().count() > 0 {
        errands.cancel();
        stirred.write(Stirred);
    }
}

fn follow(
    mut errands: ResMut<Errands>,
    mut shelf: ResMut<Shelf>,
    mut opened: ResMut<Opened>,
    (mut choices, mut journey): (ResMut<Choices>, ResMut<Journey>),
    mut door: ResMut<Door>,
    page: Res<State<Page>>,
    waker: Res<Waker>,
    words: Res<Words>,
    mut notices: MessageWriter<Notice>,
    (mut forget, mut wishes, mut acts): (MessageWriter<ForgetRooms>, MessageWriter<Wished>, MessageWriter<Close>),
    mut stirred: MessageWriter<Stirred>,
    mut next: ResMut<NextState<Page>>,
) {
    let Some(outcome) = errands.bypass_change_detection().take() else {
        return;
    };
    errands.set_changed();
    stirred.write(Stirred);
    match outcome {
        Outcome::Shelf(profiles, keyring) => *shelf = Shelf { profiles: Some(profiles), keyring },
        Outcome::Deleted => next.set(Page::Profiles),
        Outcome::Refused(error) => {
            notices.write(Notice::trouble(words.say(error_key(&error))));
            if *page.get() == Page::Profiles {
                // Without a list there is no profile to choose, but a first profile may work.
                shelf.profiles.get_or_insert_default();
            } else {
                next.set(Page::Profiles);
            }
        }
        Outcome::Opened { profile, locked_by, changed } => {
            let face = profile.face();
            choices.name.clone_from(&face.name);
            let kept = profile.value(network::KEPT).ok().flatten();
            if let Some(kept) = kept.and_then(|kept| network::read(&kept)).filter(|_| !choices.network_fixed) {
                choices.network = kept;
            }
            let open = Open { id: profile.id(), face, locked_by };
            forget.write(ForgetRooms);
            match door.open(choices.settings(&waker), Some(profile)) {
                Ok(()) => opened.0 = Some(open),
                Err(error) => {
                    opened.0 = None;
                    notices.write(Notice::trouble(words.say(start_error_key(error))));
                    return;
                }
            }
            if let Some(changed) = changed {
                notices.write(notice(changed, &words));
            }
            if let Some(Destination::Invited(invitation)) = journey.destination.take() {
                wishes.write(Wished(Wish::Redeem { invitation }));
            }
            acts.write(Close);
            next.set(Page::Home);
        }
    }
}

fn start_error_key(error: StartError) -> &'static str {
    match error {
        StartError::Name(_) => "refused-name",
        StartError::System => "refused-system",
    }
}

/// The notice about a change of the profile.
fn notice(changed: Result<Changed, ProfileError>, words: &Words) -> Notice {
    match changed {
        Ok(Changed::Face | Changed::Kept) => Notice::news(words.say("safe-kept")),
        Ok(Changed::Exported) => Notice::news(words.say("safe-exported")),
        Err(error) => Notice::trouble(words.say(error_key(&error))),
    }
}
