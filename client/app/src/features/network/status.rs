//! How we stand, in plain words.

use std::time::{SystemTime, UNIX_EPOCH};

use engine::api::{Help, Reach, clock_says};

use crate::ui::{kit::Icon, theme::Token, words::Words};

/// A line of the network's state.
#[derive(Clone, PartialEq, Eq)]
pub struct State {
    pub icon: Icon,
    pub ink: Token,
    pub words: String,
}

/// The parts that work and those that do not, and what that means for people.
pub fn states(reach: Option<Reach>, hides: bool, words: &Words) -> Vec<State> {
    let line = |icon, ink, key| State { icon, ink, words: words.say(key) };
    let Some(reach) = reach else {
        return vec![line(Icon::Waits, Token::Muted, "reach-unknown")];
    };
    if reach.offline {
        return vec![line(Icon::Offline, Token::Stop, "reach-offline")];
    }
    let mut all = Vec::new();
    if reach.clock_in_doubt {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let words = words.say_with("trouble-clock-in-doubt", "time", clock_says(&now));
        all.push(State { icon: Icon::Trouble, ink: Token::Stop, words });
    }
    all.extend([
        match reach.relay {
            Help::Off if hides => line(Icon::Trouble, Token::Stop, "reach-relay-off-hidden"),
            Help::Off => line(Icon::Network, Token::Muted, "reach-relay-off"),
            Help::Trying => line(Icon::Waits, Token::Muted, "reach-relay-trying"),
            Help::Works => line(Icon::Check, Token::Good, "reach-relay-works"),
            Help::Unreachable => line(Icon::Trouble, Token::Stop, "reach-relay-unreachable"),
        },
        match reach.dht {
            Help::Off => line(Icon::Network, Token::Muted, "reach-dht-off"),
            Help::Trying => line(Icon::Waits, Token::Muted, "reach-dht-trying"),
            Help::Works => line(Icon::Check, Token::Good, "reach-dht-works"),
            Help::Unreachable => line(Icon::Trouble, Token::Stop, "reach-dht-unreachable"),
        },
        match reach.lan {
            true => line(Icon::Check, Token::Good, "reach-lan-on"),
            false => line(Icon::Network, Token::Muted, "reach-lan-off"),
        },
    ]);
    all
}
