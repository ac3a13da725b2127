//! Everything a person can do in the window, whichever way they ask: key, click or screen reader.

use bevy::{
    a11y::ActionRequest,
    input::keyboard::{Key, KeyboardInput},
    input_focus::{FocusedInput, InputFocusVisible},
    prelude::*,
};
use engine::{
    api::{InvitationId, KnockId, MemberId, RoomId, RoomKind},
    profiles::ProfileId,
};

use crate::features::network::Reach;

/// A thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// From the start to the lobby of a new room.
    StartRoom,
    /// From the start to the lobby of the pasted invitation's room.
    UseInvitation,
    OpenDemo,
    /// From the lobby into the room.
    EnterRoom,
    GoBack,
    Microphone,
    Camera,
    /// Opens the sheet of camera, microphone and speaker.
    Devices,
    /// Plays a few notes, to find out whether the speaker is heard.
    PlayTone,
    /// Takes noise out of the own voice, or leaves it in.
    Noise,
    Chat,
    /// Opens the sheet of what to share of the screen, or stops sharing it.
    Share,
    /// The entry of that sheet, counted from the top.
    ShareThis(usize),
    Invite,
    CopyInvitation,
    Layout,
    /// Out of the call, or out of the ephemeral room.
    Leave,
    Figures,
    Fullscreen,
    SwitchTheme,
    /// Closes whatever is open: a sheet, a list, the chat.
    Close,
    SendMessage,
    OpenList(Equipment),
    /// The entry of a list, counted from the top.
    Choose(Equipment, usize),
    /// Ends the window; during a call that is asked about.
    Quit,
    /// The system wants the window to end: nobody is asked.
    QuitSurely,
    /// What is asked about is to be done.
    Confirm,

    /// Shows a room at home.
    Show(RoomId),
    Next,
    Previous,
    NewRoom,
    FoundRoom(RoomKind),
    /// A contact to be.
    InviteSomeone,
    Many(bool),
    Lasting(Lifetime),
    WaitingRoom,
    MakeInvitation,
    ShowInvitation(RoomId, InvitationId),
    Revoke(RoomId, InvitationId),
    /// Opens the sheet where an invitation is taken up.
    Accept,
    TakeInvitation,
    ReadPicture,
    Scan,
    /// Takes up the invitation in a line of the chat.
    TakeBrought(usize),

    Call,
    CallWithVideo,
    AnswerCall,
    AnswerWithVideo,
    DeclineCall,
    /// Back to the room of the call.
    ReturnToCall,

    /// Opens the sheet of the contact or room that is shown.
    More,
    /// Opens the sheet of what to compare with a member.
    Compare(RoomId, MemberId),
    /// What was compared is the same, or is not.
    Verify(bool),
    SaveContact,
    MayRing,
    MayRingWithVideo,
    Forget(RoomId),
    Remove(RoomId, MemberId),
    Admit(RoomId, KnockId),
    Refuse(RoomId, KnockId),
    Bring,
    BringInto(RoomId),

    /// Opens the sheet of the own profile.
    Profile,
    SaveFace,
    ComesToFront,
    SwitchProfile,
    NewProfile,
    ExportProfile,
    DeleteProfile,
    DeleteEverything,
    DeleteEverythingSurely,

    PickProfile(ProfileId),
    LockWith(Lock),
    MakeProfile,
    OpenProfile,
    OpenImport,
    ImportProfile,
    KeepNothing,
    /// Cancels what is being computed or written for a profile.
    CancelErrand,

    /// Opens the sheet of the network.
    Network,
    Reach(Reach),
    UseDht,
    HideAddress,
    ApplyNetwork,
}

/// Whether an action lets others see, hear or notice more of the person than before, or lets more people do so. No key
/// does such a thing by itself: it takes Ctrl, or a button that the person went to.
pub fn sends_more_of_a_person(action: &Action) -> bool {
    match action {
        Action::EnterRoom
        | Action::Microphone
        | Action::Camera
        | Action::Noise
        | Action::Share
        | Action::ShareThis(_)
        | Action::Choose(..)
        | Action::Admit(..)
        | Action::Call
        | Action::CallWithVideo
        | Action::AnswerCall
        | Action::AnswerWithVideo
        | Action::TakeBrought(_)
        | Action::BringInto(_)
        | Action::Confirm => true,
        Action::StartRoom
        | Action::UseInvitation
        | Action::OpenDemo
        | Action::GoBack
        | Action::Devices
        | Action::PlayTone
        | Action::Chat
        | Action::Invite
        | Action::CopyInvitation
        | Action::Layout
        | Action::Leave
        | Action::Figures
        | Action::Fullscreen
        | Action::SwitchTheme
        | Action::Close
        | Action::SendMessage
        | Action::OpenList(_)
        | Action::Quit
        | Action::QuitSurely
        | Action::Show(_)
        | Action::Next
        | Action::Previous
        | Action::NewRoom
        | Action::FoundRoom(_)
        | Action::InviteSomeone
        | Action::Many(_)
        | Action::Lasting(_)
        | Action::WaitingRoom
        | Action::MakeInvitation
        | Action::ShowInvitation(..)
        | Action::Revoke(..)
        | Action::Accept
        | Action::TakeInvitation
        | Action::ReadPicture
        | Action::Scan
        | Action::DeclineCall
        | Action::ReturnToCall
        | Action::More
        | Action::Compare(..)
        | Action::Verify(_)
        | Action::SaveContact
        | Action::MayRing
        | Action::MayRingWithVideo
        | Action::Forget(_)
        | Action::Remove(..)
        | Action::Refuse(..)
        | Action::Bring
        | Action::Profile
        | Action::SaveFace
        | Action::ComesToFront
        | Action::SwitchProfile
        | Action::NewProfile
        | Action::ExportProfile
        | Action::DeleteProfile
        | Action::DeleteEverything
        | Action::DeleteEverythingSurely
        | Action::PickProfile(_)
        | Action::LockWith(_)
        | Action::MakeProfile
        | Action::OpenProfile
        | Action::OpenImport
        | Action::ImportProfile
        | Action::KeepNothing
        | Action::CancelErrand
        | Action::Network
        | Action::Reach(_)
        | Action::UseDht
        | Action::HideAddress
        | Action::ApplyNetwork => false,
    }
}

/// How long an invitation is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifetime {
    Hour,
    Day,
    Week,
    Forever,
}

/// What a profile is locked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lock {
    Keyring,
    Passphrase,
}

/// What is chosen in the lobby and during a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Equipment {
    Camera,
    Microphone,
    Speaker,
}

/// A wish of the person at the window, not yet carried out.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act(pub Action);

/// What a button does: this makes a node one.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Does(pub Action);

pub fn plugin(app: &mut App) {
    app.add_message::<Act>()
        .add_message::<ActionRequest>()
        .add_observer(click)
        .add_observer(key)
        .add_systems(PreUpdate, request);
}

fn click(mut click: On<Pointer<Click>>, does: Query<&Does>, mut acts: MessageWriter<Act>) {
    if let Ok(does) = does.get(click.entity)
        && click.button == PointerButton::Primary
    {
        click.propagate(false);
        acts.write(Act(does.0));
    }
}

/// Enter and Space press the button that has the focus. A button that was clicked keeps the focus unseen: there Enter does
/// nothing that sends more of the person, and Space nothing at all.
fn key(
    mut typed: On<FocusedInput<KeyboardInput>>,
    does: Query<&Does>,
    visible: Res<InputFocusVisible>,
    held: Res<ButtonInput<Key>>,
    mut acts: MessageWriter<Act>,
) {
    let input = &typed.input;
    // A chord is somebody else's: Ctrl and Space talk, and press nothing.
    let is_chord = [Key::Control, Key::Alt, Key::Super].into_iter().any(|key| held.pressed(key));
    let pressed = input.state.is_pressed() && !input.repeat && !is_chord;
    let Ok(does) = does.get(typed.focused_entity) else {
        return;
    };
    let is_key = match input.logical_key {
        Key::Enter => visible.0 || !sends_more_of_a_person(&does.0),
        Key::Space => visible.0,
        _ => false,
    };
    if pressed && is_key {
        typed.propagate(false);
        acts.write(Act(does.0));
    }
}

/// What a screen reader asks for.
fn request(mut requests: MessageReader<ActionRequest>, does: Query<&Does>, mut acts: MessageWriter<Act>) {
    for request in requests.read() {
        let entity = Entity::try_from_bits(request.target_node.0);
        if let Some(does) = entity.and_then(|entity| does.get(entity).ok())
            && request.action == accesskit::Action::Click
        {
            acts.write(Act(does.0));
        }
    }
}

#[cfg(test)]
mod tests;
