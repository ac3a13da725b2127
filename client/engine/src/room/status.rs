//! How each member stands, as it is shown, and their figures.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use group_crypto::MemberId;

use super::{
    figures::RoomFigures,
    media::{MediaFigures, MediaState, Standing},
    trust::Stands,
    view::MemberView,
};
use crate::api::{KeyState, ParticipantState, Path, Presence, Route};

/// Keys may differ for as long as a commit is under way before it is worth showing.
const EPOCH_SLACK: Duration = Duration::from_millis(500);
/// The figures of so many who have left are kept.
const DEPARTED: usize = 64;

/// How all members stand, as it was shown last.
#[derive(Default)]
pub(super) struct Status {
    members: BTreeMap<MemberId, Shown>,
    departed: Vec<RoomFigures>,
}

#[derive(Default)]
struct Shown {
    /// How the keys of the two stand, while there is a link; and since when not at one epoch.
    keys: KeyState,
    keys_differ_since: Option<Instant>,
    state: ParticipantState,
}

/// How a member stands now.
pub(super) struct Now {
    pub presence: Presence,
    pub media: MediaState,
    pub trust: Stands,
}

impl Status {
    /// Takes in how the keys with a member stand, and gives how they stand for the measurement of keys. `is_met`: a link to
    /// them is up on which they have not said Hello.
    pub fn note_keys(&mut self, now: Instant, member: MemberView<'_>, keys: KeyState, is_met: bool) -> Standing {
        let shown = self.members.entry(member.id).or_default();
        if member.has_link {
            shown.keys = keys;
            if keys == KeyState::Current {
                shown.keys_differ_since = None;
            } else {
                shown.keys_differ_since.get_or_insert(now);
            }
        }
        let run = *member.endpoint;
        match member.has_link {
            _ if member.said_goodbye || member.to_be_removed => Standing::Away,
            true => Standing::Here { run, current: shown.keys == KeyState::Current },
            false if is_met => Standing::Met { run },
            false => Standing::Away,
        }
    }

    /// The member's state, if it is another than was shown.
    pub fn change(&mut self, at: Instant, member: MemberView<'_>, now: Now) -> Option<ParticipantState> {
        let shown = self.members.entry(member.id).or_default();
        let state = shown.state_at(at, member, now);
        if state == shown.state || member.said_goodbye {
            return None;
        }
        shown.state = state.clone();
        Some(state)
    }

    pub fn forget(&mut self, member: MemberId) {
        self.members.remove(&member);
    }

    /// Keeps the figures of one who is not here any more.
    pub fn depart(&mut self, figures: Option<RoomFigures>) {
        if self.departed.len() < DEPARTED {
            self.departed.extend(figures);
        }
    }

    pub fn departed(&self) -> impl Iterator<Item = RoomFigures> {
        self.departed.iter().cloned()
    }

    /// The figures of a member. `carried_by`: the name of the member who passes their pictures on.
    pub fn figures(
        &self,
        (member, name): (MemberId, String),
        route: Option<Route>,
        media: MediaFigures,
        carried_by: Option<String>,
    ) -> RoomFigures {
        let keys = self.members.get(&member).map_or(KeyState::default(), |shown| shown.state.keys);
        let media = MediaFigures { path: through(media.path, route), ..media };
        RoomFigures { member: Some(member), name, route, keys, carried_by, media }
    }
}

impl Shown {
    fn state_at(&self, at: Instant, member: MemberView<'_>, now: Now) -> ParticipantState {
        let Now { presence, media, trust: (verification, verified_as) } = now;
        let route = match presence {
            Presence::Here(route) => Some(route),
            _ => None,
        };
        let (is_in_call, on) = (member.is_in_call(), member.streams);
        ParticipantState {
            presence,
            in_call: is_in_call,
            connected: media.path.is_some(),
            path: media.path.map(|path| through(path, route)),
            keys: self.keys_at(at, &media),
            camera_on: is_in_call && on.camera,
            camera_paused: media.camera_paused && is_in_call && on.camera,
            microphone_on: is_in_call && on.microphone,
            screen_on: is_in_call && on.screen,
            speaking: media.speaking && on.microphone,
            verification,
            verified_as,
        }
    }

    /// Key state as it is shown: from where both stand, and from frames that did not open. A commit under way is not worth
    /// showing.
    fn keys_at(&self, now: Instant, media: &MediaState) -> KeyState {
        let lasts = |since: Option<Instant>| since.is_some_and(|s| now.saturating_duration_since(s) >= EPOCH_SLACK);
        match self.keys {
            KeyState::Current if lasts(media.unopened_since) => KeyState::Missing,
            // They have been current before, or it would be lasting.
            KeyState::Behind | KeyState::Forked if !lasts(self.keys_differ_since) => KeyState::Current,
            KeyState::Missing if media.was_connected && !lasts(self.keys_differ_since) => KeyState::Current,
            state => state,
        }
    }
}

/// The way of media, over a link with this route.
fn through(path: Path, route: Option<Route>) -> Path {
    match (path, route) {
        (Path::Link, Some(Route::Forwarded)) => Path::Forwarded,
        (path, _) => path,
    }
}
